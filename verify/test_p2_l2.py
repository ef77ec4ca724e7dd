"""P2.L.2: Lipschitz moduli of the induced game (Section 2.4, Lemma 2)."""

STATEMENT = "P2.L.2"


def test_lemma_2(problem, verify):
    verify(STATEMENT, problem)


def test_defect(defect, verify_defect):
    verify_defect(STATEMENT, defect)
