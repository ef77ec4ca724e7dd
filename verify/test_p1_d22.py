"""P1.2.2: What an epsilon-equilibrium is (Section 2, Definition 2.2 against Definition 2.1)."""

STATEMENT = "P1.2.2"


def test_definition_2_2(problem, verify):
    verify(STATEMENT, problem)


def test_defect(defect, verify_defect):
    verify_defect(STATEMENT, defect)
