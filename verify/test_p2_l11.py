"""P2.L.11: Bias of entropy regularisation (Appendix D.2, Lemma 11)."""

STATEMENT = "P2.L.11"


def test_lemma_11(problem, verify):
    verify(STATEMENT, problem)
