"""Checks of the formulas themselves, before any game is played."""
