"""P2.L.8: Power sums lie between integrals (Appendix A, Lemma 8)."""

STATEMENT = "P2.L.8"


def test_lemma_8(problem, verify):
    verify(STATEMENT, problem)
