"""P2.L.15: One step of mirror descent (Appendix D.2, Lemma 15)."""

STATEMENT = "P2.L.15"


def test_lemma_15(problem, verify):
    verify(STATEMENT, problem)
