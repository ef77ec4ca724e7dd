"""P1.C.6: Exploitability reached by Exact MF-TRPO (Appendix C.2, Corollary C.6; Section 4, Corollary 4.3)."""

STATEMENT = "P1.C.6"


def test_corollary_c6(problem, verify):
    verify(STATEMENT, problem)


def test_defect(defect, verify_defect):
    verify_defect(STATEMENT, defect)
