"""P2.L.7: Averages of independent indicators are near their mean (Appendix A, Lemma 7)."""

STATEMENT = "P2.L.7"


def test_lemma_7(problem, verify):
    verify(STATEMENT, problem)


def test_defect(defect, verify_defect):
    verify_defect(STATEMENT, defect)
