"""Signs of expressions in variables >= 0: of polynomials, and of smooth functions in one variable."""

from __future__ import annotations

import sympy as sp

POSITIVE = "no negative coefficient"  # then the polynomial is even positive where all variables are
DERIVATIVES = 3  # how often a difference in one variable is differentiated
DEPTH = 4  # how often a discriminant is taken


def nonnegative(expression: sp.Expr, free: list[sp.Symbol], depth: int = DEPTH) -> str:
    """How it is seen that a polynomial is >= 0 where all variables are >= 0; empty when it is not seen."""
    if not expression.free_symbols:
        return "a constant" if expression >= 0 else ""
    polynomial = sp.Poly(expression, *sorted(expression.free_symbols, key=str))
    if all(c >= 0 for c in polynomial.coeffs()):
        return POSITIVE
    constant, factors = sp.factor_list(expression)
    odd = [factor for factor, power in factors if power % 2]
    if (len(factors) > 1 or len(odd) < len(factors)) and _signs(constant, odd, free, depth):
        return "its factors"
    if len(polynomial.gens) == 1:
        return "no real root on the half-line" if _no_root(polynomial) else ""
    return _discriminant(expression, free, depth) if depth else ""


def _signs(constant: sp.Expr, factors: list[sp.Expr], free: list[sp.Symbol], depth: int) -> bool:
    """Whether every factor has a sign, and an even number of them, the constant included, is negative."""
    negative = [factor for factor in factors if not nonnegative(factor, free, depth)]
    known = all(nonnegative(sp.expand(-factor), free, depth) for factor in negative)
    return known and (len(negative) + bool(constant < 0)) % 2 == 0


def _no_root(polynomial: sp.Poly) -> bool:
    """In one variable: positive somewhere, and no sign change on (0, oo)."""
    changes = sum(
        sp.Poly(factor, polynomial.gen).count_roots(0) - (1 if factor.subs(polynomial.gen, 0) == 0 else 0)
        for factor, power in sp.factor_list(polynomial.as_expr())[1]
        if power % 2
    )
    somewhere = next(value for k in range(1, polynomial.degree() + 2) if (value := polynomial.eval(k)) != 0)
    return bool(changes == 0 and somewhere > 0)


def _discriminant(expression: sp.Expr, free: list[sp.Symbol], depth: int) -> str:
    """a x^2 + b x + c with a, c >= 0 and either b >= 0 or b^2 <= 4 a c."""
    for x in sorted(expression.free_symbols, key=str):
        polynomial = sp.Poly(expression, x)
        if polynomial.degree() != 2:
            continue
        a, b, c = polynomial.all_coeffs()
        if not (nonnegative(a, free, depth - 1) and nonnegative(c, free, depth - 1)):
            continue
        if nonnegative(b, free, depth - 1) or nonnegative(sp.expand(4 * a * c - b**2), free, depth - 1):
            return f"its discriminant in {x}"
    return ""


def rises(f: sp.Expr, t: sp.Symbol) -> bool:
    """Whether f >= 0 on t > 0 is seen from its value at 0 and its derivatives; f must be smooth there, without poles."""
    return _smooth(f) and _rises(f, t, DERIVATIVES)


def _smooth(f: sp.Expr) -> bool:
    """Whether f is certainly smooth on t > 0: it divides by, and takes roots and logarithms of, what is positive there.

    A derivative that is not negative says nothing about what lies beyond a pole.
    """
    if f.is_Symbol or f.is_number:
        return bool(f.is_Symbol or f.is_finite)
    if f.is_Pow and not (f.exp.is_Integer and f.exp.is_nonnegative):
        return all(map(_smooth, f.args)) and _positive(f.base)
    if isinstance(f, sp.log):
        return _smooth(f.args[0]) and _positive(f.args[0])
    return isinstance(f, sp.Add | sp.Mul | sp.Pow | sp.exp) and all(map(_smooth, f.args))


def _positive(f: sp.Expr) -> bool:
    if f.is_positive is True:
        return True
    symbols = f.free_symbols
    return bool(symbols) and f.is_polynomial(*symbols) and nonnegative(sp.expand(f), list(symbols)) == POSITIVE


def _rises(f: sp.Expr, t: sp.Symbol, depth: int) -> bool:
    """f >= 0 on t > 0, for a smooth f: at 0 it is not negative, and its derivative is not, by its sign or again."""
    if sp.limit(f, t, 0, "+").is_nonnegative is not True:
        return False
    slope = sp.simplify(sp.diff(f, t))
    numerator, denominator = sp.fraction(sp.together(slope))
    if numerator.is_polynomial(t) and denominator.is_polynomial(t):
        return any(
            nonnegative(sp.expand(s * numerator), [t]) and nonnegative(sp.expand(s * denominator), [t]) for s in (1, -1)
        )
    return slope.is_nonnegative is True or (depth > 0 and _rises(slope, t, depth - 1))
