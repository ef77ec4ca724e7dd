"""P1.21: A mixture is as good as its policies on average (Appendix D.1, Remark D.1, (21), Algorithm 7)."""

STATEMENT = "P1.21"


def test_equation_21(problem, verify):
    verify(STATEMENT, problem)


def test_defect(defect, verify_defect):
    verify_defect(STATEMENT, defect)
