"""P1.D.2: Averaged value gap of Sample-Based TRPO (Appendix D.1, Theorem D.2, (22), Algorithm 6; Section 5, Proposition 5.1)."""

STATEMENT = "P1.D.2"
GAMES = "small"


def test_theorem_d2(problem, verify):
    verify(STATEMENT, problem)


def test_defect(defect, verify_defect):
    verify_defect(STATEMENT, defect)
