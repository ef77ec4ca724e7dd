"""P2.L.10: Second moment of the empirical distribution's distance from the flow (Appendix C, Lemma 10)."""

STATEMENT = "P2.L.10"


def test_lemma_10(problem, verify):
    verify(STATEMENT, problem)


def test_defect(defect, verify_defect):
    verify_defect(STATEMENT, defect)
