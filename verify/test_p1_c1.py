"""P1.C.1: Value gap of exact TRPO (Appendix C.1, Theorem C.1, (12))."""

STATEMENT = "P1.C.1"


def test_theorem_c1(problem, verify):
    verify(STATEMENT, problem)


def test_defect(defect, verify_defect):
    verify_defect(STATEMENT, defect)
