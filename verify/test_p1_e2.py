"""P1.E.2: From value gaps to policy distances (Appendix E.2, Proposition E.2, (33))."""

STATEMENT = "P1.E.2"


def test_proposition_e2(problem, verify):
    verify(STATEMENT, problem)


def test_defect(defect, verify_defect):
    verify_defect(STATEMENT, defect)
