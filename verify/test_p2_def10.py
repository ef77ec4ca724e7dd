"""P2.Def.10: Monotone games (Definition 10)."""

STATEMENT = "P2.Def.10"


def test_definition_10(problem, verify):
    verify(STATEMENT, problem)


def test_defect(defect, verify_defect):
    verify_defect(STATEMENT, defect)
