"""P1.Alg.3: Rollouts of Sample-Based TRPO (Section 5, Algorithm 3; Appendix D.1, Algorithm 6)."""

STATEMENT = "P1.Alg.3"


def test_algorithm_3(problem, verify):
    verify(STATEMENT, problem)


def test_defect(defect, verify_defect):
    verify_defect(STATEMENT, defect)
