"""P1.C.4: Iterations of ExactAlgo for a given accuracy (Appendix C.2, Remark C.4 (its orders read with constant 1))."""

STATEMENT = "P1.C.4"


def test_remark_c4(problem, verify):
    verify(STATEMENT, problem)


def test_defect(defect, verify_defect):
    verify_defect(STATEMENT, defect)
