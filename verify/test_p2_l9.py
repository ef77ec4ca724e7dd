"""P2.L.9: The population update is Lipschitz (Appendix B.2, Lemma 9)."""

STATEMENT = "P2.L.9"


def test_lemma_9(problem, verify):
    verify(STATEMENT, problem)


def test_defect(defect, verify_defect):
    verify_defect(STATEMENT, defect)
