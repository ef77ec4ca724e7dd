"""P2.L.3: Symmetrised functions are symmetric (Appendix A, Lemma 3)."""

STATEMENT = "P2.L.3"


def test_lemma_3(problem, verify):
    verify(STATEMENT, problem)
