"""P1.W: TRPO started warm (Appendix F.1 (the experiments); no theorem of the paper)."""

STATEMENT = "P1.W"


def test_theorem_w(problem, verify):
    verify(STATEMENT, problem)


def test_defect(defect, verify_defect):
    verify_defect(STATEMENT, defect)
