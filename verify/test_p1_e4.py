"""P1.E.4: The optimal policy is continuous in the population (Appendix E.2, Corollary E.4, (40); Section 3, Proposition 3.1)."""

STATEMENT = "P1.E.4"


def test_corollary_e4(problem, verify):
    verify(STATEMENT, problem)


def test_defect(defect, verify_defect):
    verify_defect(STATEMENT, defect)
