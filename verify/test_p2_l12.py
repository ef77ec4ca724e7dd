"""P2.L.12: Monotone improvement (Appendix D.2, Lemma 12)."""

STATEMENT = "P2.L.12"


def test_lemma_12(problem, verify):
    verify(STATEMENT, problem)


def test_defect(defect, verify_defect):
    verify_defect(STATEMENT, defect)
