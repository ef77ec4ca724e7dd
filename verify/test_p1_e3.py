"""P1.E.3: Values are Lipschitz in the population (Appendix E.2, Proposition E.3, (38) and (39))."""

STATEMENT = "P1.E.3"


def test_proposition_e3(problem, verify):
    verify(STATEMENT, problem)


def test_defect(defect, verify_defect):
    verify_defect(STATEMENT, defect)
