"""P1.Alg.8: Where a population trajectory starts (Appendix D.2-D.3, Algorithm 8, lines 6 to 13; Section 5, Algorithm 4)."""

STATEMENT = "P1.Alg.8"
GAMES = "small"


def test_algorithm_8(problem, verify):
    verify(STATEMENT, problem)


def test_defect(defect, verify_defect):
    verify_defect(STATEMENT, defect)
