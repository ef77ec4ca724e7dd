"""P1.E.1: Sensitivity of the M-step law and of the stationary law (Appendix E.1, Lemma E.1)."""

STATEMENT = "P1.E.1"


def test_lemma_e1(problem, verify):
    verify(STATEMENT, problem)


def test_defect(defect, verify_defect):
    verify_defect(STATEMENT, defect)
