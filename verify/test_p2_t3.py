"""P2.T.3: Convergence of Symm-PMD (Section 2.6, Theorem 3)."""

STATEMENT = "P2.T.3"


def test_theorem_3(problem, verify):
    verify(STATEMENT, problem)


def test_defect(defect, verify_defect):
    verify_defect(STATEMENT, defect)
