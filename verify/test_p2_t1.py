"""P2.T.1: Mean-field equilibria are approximate equilibria of the N-player game (Section 2.4, Theorem 1)."""

STATEMENT = "P2.T.1"


def test_theorem_1(problem, verify):
    verify(STATEMENT, problem)


def test_defect(defect, verify_defect):
    verify_defect(STATEMENT, defect)
