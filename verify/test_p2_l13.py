"""P2.L.13: Performance difference (Appendix D.2, Lemma 13)."""

STATEMENT = "P2.L.13"


def test_lemma_13(problem, verify):
    verify(STATEMENT, problem)
