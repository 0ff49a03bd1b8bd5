"""`check("losses.2", answer)`: is it right, and if not, what is the likely mistake?

from dlbook.exercises import check
check("linear_regression.1", 0.9)
"""

from .judge import Exercise, Verdict, check, find, judge

__all__ = ["Exercise", "Verdict", "check", "find", "judge"]
