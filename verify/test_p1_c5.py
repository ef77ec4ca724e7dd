"""P1.C.5: Exact MF-TRPO approaches the equilibrium (Appendix C.2, Theorem C.5, (17)-(18); Section 4, Proposition 4.2)."""

STATEMENT = "P1.C.5"


def test_theorem_c5(problem, verify):
    verify(STATEMENT, problem)


def test_defect(defect, verify_defect):
    verify_defect(STATEMENT, defect)
