"""P1.B.2: The ergodic value as a limit (Appendix B.2)."""

STATEMENT = "P1.B.2"


def test_appendix_b2(problem, verify):
    verify(STATEMENT, problem)


def test_defect(defect, verify_defect):
    verify_defect(STATEMENT, defect)
