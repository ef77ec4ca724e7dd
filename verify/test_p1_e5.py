"""P1.E.5: From gap and inconsistency to exploitability (Appendix E.3, Proposition E.5, (41))."""

STATEMENT = "P1.E.5"


def test_proposition_e5(problem, verify):
    verify(STATEMENT, problem)
