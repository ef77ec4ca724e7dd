"""P1.D.7: Samples for an epsilon-equilibrium (Appendix D.5, Remark D.7; Section 5)."""

STATEMENT = "P1.D.7"
GAMES = "small"


def test_remark_d7(problem, verify):
    verify(STATEMENT, problem)


def test_defect(defect, verify_defect):
    verify_defect(STATEMENT, defect)
