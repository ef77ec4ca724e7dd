"""P2.Def.7: alpha and beta: approximate symmetry (Section 2.3, Definition 7)."""

STATEMENT = "P2.Def.7"


def test_definition_7(problem, verify):
    verify(STATEMENT, problem)


def test_defect(defect, verify_defect):
    verify_defect(STATEMENT, defect)
