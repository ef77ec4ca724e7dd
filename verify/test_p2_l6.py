"""P2.L.6: Means of a vector function under two laws (Appendix A, Lemma 6)."""

STATEMENT = "P2.L.6"


def test_lemma_6(problem, verify):
    verify(STATEMENT, problem)
