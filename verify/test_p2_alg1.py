"""P2.Alg.1: Range of the tables of TD learning (Section 2.5, Algorithm 1)."""

STATEMENT = "P2.Alg.1"


def test_algorithm_1(problem, verify):
    verify(STATEMENT, problem)


def test_defect(defect, verify_defect):
    verify_defect(STATEMENT, defect)
