"""P2.T.2: TD learning on N-player trajectories (Section 2.5, Theorem 2)."""

STATEMENT = "P2.T.2"


def test_theorem_2(problem, verify):
    verify(STATEMENT, problem)


def test_defect(defect, verify_defect):
    verify_defect(STATEMENT, defect)
