"""P2.eq12: Returns of one player stay near its values against the flow (Appendix B.3, inequality (12))."""

STATEMENT = "P2.eq12"


def test_equation_12(problem, verify):
    verify(STATEMENT, problem)


def test_defect(defect, verify_defect):
    verify_defect(STATEMENT, defect)
