"""P2.Def.8: Sparse dynamics and rewards (Section 2.4, Definition 8)."""

STATEMENT = "P2.Def.8"


def test_definition_8(problem, verify):
    verify(STATEMENT, problem)


def test_defect(defect, verify_defect):
    verify_defect(STATEMENT, defect)
