"""P2.Ex.1: Asymmetric congestion games (Section 3, Example 1)."""

STATEMENT = "P2.Ex.1"


def test_example_1(problem, verify):
    verify(STATEMENT, problem)


def test_defect(defect, verify_defect):
    verify_defect(STATEMENT, defect)
