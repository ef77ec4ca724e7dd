"""P2.L.5: Composing laws with policies does not expand l1 (Appendix A, Lemma 5)."""

STATEMENT = "P2.L.5"


def test_lemma_5(problem, verify):
    verify(STATEMENT, problem)
