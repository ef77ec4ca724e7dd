"""P1.D.3: Empirical law of P trajectories (Appendix D.3, Proposition D.3, (24))."""

STATEMENT = "P1.D.3"
GAMES = "small"


def test_proposition_d3(problem, verify):
    verify(STATEMENT, problem)


def test_defect(defect, verify_defect):
    verify_defect(STATEMENT, defect)
