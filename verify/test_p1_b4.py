"""P1.B.4: Regularisation and aperiodicity (Appendix B.4)."""

STATEMENT = "P1.B.4"


def test_appendix_b4(problem, verify):
    verify(STATEMENT, problem)


def test_defect(defect, verify_defect):
    verify_defect(STATEMENT, defect)
