"""P1.E.6: Monotonicity and Lipschitz constant of the population step (Appendix E.4, Lemma E.6)."""

STATEMENT = "P1.E.6"


def test_lemma_e6(problem, verify):
    verify(STATEMENT, problem)


def test_defect(defect, verify_defect):
    verify_defect(STATEMENT, defect)
