"""P1.C.3: One step of ExactAlgo contracts (Appendix C.2, Proposition C.3, (14)-(16))."""

STATEMENT = "P1.C.3"


def test_proposition_c3(problem, verify):
    verify(STATEMENT, problem)


def test_defect(defect, verify_defect):
    verify_defect(STATEMENT, defect)
