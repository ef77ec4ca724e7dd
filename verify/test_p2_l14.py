"""P2.L.14: Mixing with the uniform law (Appendix D.2, Lemma 14)."""

STATEMENT = "P2.L.14"


def test_lemma_14(problem, verify):
    verify(STATEMENT, problem)


def test_defect(defect, verify_defect):
    verify_defect(STATEMENT, defect)
