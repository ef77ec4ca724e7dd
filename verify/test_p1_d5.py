"""P1.D.5: Exploitability reached by Sample-Based MF-TRPO (Appendix D.5, Corollary D.5, Remark D.6; Section 5, Corollary 5.3)."""

STATEMENT = "P1.D.5"
GAMES = "small"


def test_corollary_d5(problem, verify):
    verify(STATEMENT, problem)


def test_defect(defect, verify_defect):
    verify_defect(STATEMENT, defect)
