"""P1.C.7: Inner iterations for an epsilon-equilibrium (Appendix C.2, Remark C.7)."""

STATEMENT = "P1.C.7"


def test_remark_c7(problem, verify):
    verify(STATEMENT, problem)


def test_defect(defect, verify_defect):
    verify_defect(STATEMENT, defect)
