"""P2.eq7: The empirical distribution stays near the flow (Appendix B.3, inequality (7))."""

STATEMENT = "P2.eq7"


def test_equation_7(problem, verify):
    verify(STATEMENT, problem)


def test_defect(defect, verify_defect):
    verify_defect(STATEMENT, defect)
