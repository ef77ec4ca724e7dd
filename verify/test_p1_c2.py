"""P1.C.2: Policy error of exact TRPO (Appendix C.1, Corollary C.2, (13); Section 4, Proposition 4.1)."""

STATEMENT = "P1.C.2"


def test_corollary_c2(problem, verify):
    verify(STATEMENT, problem)


def test_defect(defect, verify_defect):
    verify_defect(STATEMENT, defect)
