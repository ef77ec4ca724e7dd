"""P2.L.4: Symmetrisation leaves symmetric functions as they are (Appendix A, Lemma 4)."""

STATEMENT = "P2.L.4"


def test_lemma_4(problem, verify):
    verify(STATEMENT, problem)
