"""P2.Alg.2: One epoch of Symm-PMD (Section 2.6, Algorithm 2)."""

STATEMENT = "P2.Alg.2"


def test_algorithm_2(problem, verify):
    verify(STATEMENT, problem)


def test_defect(defect, verify_defect):
    verify_defect(STATEMENT, defect)
