"""P2.eq9: The state law of one player stays near that of the mean-field game (Appendix B.3, inequality (9))."""

STATEMENT = "P2.eq9"


def test_equation_9(problem, verify):
    verify(STATEMENT, problem)


def test_defect(defect, verify_defect):
    verify_defect(STATEMENT, defect)
