"""P2.T.1: Mean-field equilibria are approximate equilibria of the N-player game (Section 2.4, Theorem 1)."""

STATEMENT = "P2.T.1"
GAMES = "with a choice"  # so that `--games 200` decides it on 200 games


def test_theorem_1(problem, verify):
    verify(STATEMENT, problem)


def test_defect(defect, verify_defect):
    verify_defect(STATEMENT, defect)
