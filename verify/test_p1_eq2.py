"""P1.eq2: The regularised objective and its maximiser (Section 2, eq. (2); also (34), Algorithms 3 and 6)."""

STATEMENT = "P1.eq2"


def test_equation_2(problem, verify):
    verify(STATEMENT, problem)


def test_defect(defect, verify_defect):
    verify_defect(STATEMENT, defect)
