"""P1.D.4: Sample-Based MF-TRPO approaches the equilibrium (Appendix D.4, Theorem D.4; Section 5, Proposition 5.2)."""

STATEMENT = "P1.D.4"
GAMES = "small"


def test_theorem_d4(problem, verify):
    verify(STATEMENT, problem)


def test_defect(defect, verify_defect):
    verify_defect(STATEMENT, defect)
