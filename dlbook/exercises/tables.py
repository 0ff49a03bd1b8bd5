"""Exercises: tables, tastes and money."""

import numpy as np

from .inputs import normal
from .judge import Exercise

_C, _B, _G = 2 / 52, 52 / 3, 0.875

on_paper = Exercise(
    "tables.1",
    answer=(_C, _B, _G),
    names="probability, bracket, gain",
    hint=("(a) put the four costs into (.4); (b) three cuts, and A^2 / N of both sides for each; (c) the "
          "best loses only if all four lose"),
    mistakes=[
        ((2 / 50, _B, _G), "probability: calling an ill patient back is free, so (.4) has 2 + 50 below"),
        ((50 / 52, _B, _G), "probability: the wrong way round: a false alarm is cheap, so call early"),
        ((0.5, _B, _G), "probability: one half is right only if both mistakes cost the same"),
        ((_C, 10.0, _G), "bracket: this is the cut after 2: try the two others as well"),
        ((_C, 4 + 16 / 3, _G), "bracket: this is the cut after 1: try the two others as well"),
        ((_C, 8 / 3, _G), "bracket: this is what is left over: (.6) asks for what the squares lose"),
        ((_C, 20.0, _G), "bracket: these are all squares: a stump does not take them all"),
        ((_C, 14 / 3, _G), "bracket: square the sums: A^2 / N, not A / N"),
        ((_C, _B - 9, _G), "bracket: (.6) does not take off the mean first: the rest is of rho itself"),
        ((_C, _B, 15 / 16), "gain: if all four lose, the best loses 1: take that away"),
        ((_C, _B, 0.0), "gain: that is one coin; the best is chosen afterwards"),
        ((_C, _B, 1.0), "gain: sometimes all four lose"),
        ((_C, _B, (2 * np.log(4)) ** 0.5), "gain: this is the bound (.8) for normal scores: count the cases"),
    ],
)  # fmt: skip


def _step(
    y, b, c, p, q, lr, decay, *, sign=1, new=False, bias=False, shrink=1.0, swap=False, double=1
):
    g = double * sign * (b + c + p @ q - y)
    d = decay * bias
    after = p - lr * (g * (p if swap else q) + shrink * decay * p)
    return (b - lr * (g + d * b), c - lr * (g + d * c), after,
            q - lr * (g * (after if new else q if swap else p) + shrink * decay * q))  # fmt: skip


def _ratings(seed):
    b, c, p, q = normal(seed, (2,), (2,), (3,), (3,))
    return 4.0, 3.0 + b[0], c[0], p, q, 0.1, 0.3


rating = Exercise(
    "tables.2",
    answer=_step,
    cases=[_ratings(1), _ratings(2)],
    names="b, c, p, q", arguments="y, b, c, p, q, lr, decay", batch=None,
    hint="g = b + c + p.q - y; the gradient by p is g q + decay p",
    mistakes=[
        (lambda *x: _step(*x, sign=-1), "the sign: the gradient by z is z - y, and the step goes against it"),
        (lambda *x: _step(*x, new=True), "q is moved by the OLD p: all four steps start from what came in"),
        (lambda *x: _step(*x, bias=True), "the decay is not for the biases"),
        (lambda *x: _step(*x, shrink=0.0), "the decay of p and q is missing"),
        (lambda *x: _step(*x, shrink=2.0), "half the square of p has the derivative p, not 2 p"),
        (lambda *x: _step(*x, shrink=-1.0), "the decay makes p and q SMALLER: its sign"),
        (lambda *x: _step(*x, swap=True), "the gradient by p is g q, and by q it is g p"),
        (lambda *x: _step(*x, double=2), "half the square has the derivative z - y, not 2 (z - y)"),
        (lambda *x: tuple(a - b for a, b in zip(_step(*x), x[1:5], strict=True)),
         "these are the steps: return where they lead"),
    ],
)  # fmt: skip


def _cost(
    p, y, cuts, false_alarm, missed, *, below=False, swap=False, total=False, only=None, equal=False
):
    cut = np.asarray(cuts)[:, None]
    act = p < cut if below else p >= cut if equal else p > cut
    if swap:
        false_alarm, missed = missed, false_alarm
    alarm = false_alarm * (act & (y == 0)) * (only != "missed")
    gone = missed * (~act & (y == 1)) * (only != "alarm")
    return (np.sum if total else np.mean)(alarm + gone, axis=1)


def _rates(p, y, cuts, false_alarm, missed):
    act = p > np.asarray(cuts)[:, None]
    return false_alarm * act[:, y == 0].mean(axis=1) + missed * (~act)[:, y == 1].mean(axis=1)


_P = np.round(np.random.default_rng(3).random(40), 1)
_Y = (np.random.default_rng(4).random(40) < 0.7 * _P).astype(int)

cut = Exercise(
    "tables.3",
    answer=_cost,
    cases=[(_P, _Y, np.array([0.1, 0.3, 0.55]), 1.0, 4.0), (_P, 1 - _Y, np.array([0.2, 0.8]), 3.0, 0.5)],
    names="cost", arguments="p, y, cuts, false_alarm, missed", batch=None,
    hint="for one cut: act = p > cut; a row pays if act and y = 0, or if not act and y = 1",
    mistakes=[
        (lambda *x: _cost(*x, below=True), "act where p is ABOVE the cut"),
        (lambda *x: _cost(*x, equal=True), "above, not equal: p > cut"),
        (lambda *x: _cost(*x, swap=True), "the two costs are exchanged: a false alarm is to act on y = 0"),
        (lambda *x: _cost(*x, total=True), "the cost PER ROW: divide by their number"),
        (lambda *x: _cost(*x, only="alarm"), "the missed ones are not paid for"),
        (lambda *x: _cost(*x, only="missed"), "the false alarms are not paid for"),
        (_rates, "these are rates within each class: divide both by the number of ALL rows"),
        (lambda p, y, cuts, a, m: np.asarray(cuts)[np.argmin(_cost(p, y, cuts, a, m))],
         "the cost of EACH cut is asked for, not the best cut"),
    ],
)  # fmt: skip


def _stump(x, rho, *, at="value", gain="square", turned=False, sums=False, worst=False, sort=True):
    values = np.unique(x)
    cuts = {"value": values[:-1], "next": values[1:], "middle": (values[1:] + values[:-1]) / 2}[at]
    parts = [(rho[x < m], rho[x >= m]) if at == "next" else (rho[x <= m], rho[x > m]) for m in cuts]
    if not sort:
        parts = [(rho[: k + 1], rho[k + 1 :]) for k in range(len(cuts))]
    kinds = {
        "square": lambda a: a.sum() ** 2 / max(len(a), 1),
        "plain": lambda a: a.sum() ** 2,
        "size": lambda a: abs(a.sum()),
        "mean": lambda a: a.mean() ** 2 if len(a) else 0,
        "spread": lambda a: -a.var(),
    }
    gains = np.array([kinds[gain](a) + kinds[gain](b) for a, b in parts])
    best = np.argmin(gains) if worst else np.argmax(gains)
    a, b = (part.sum() if sums else part.mean() for part in parts[best])
    return (cuts[best], b, a) if turned else (cuts[best], a, b)


_X4 = np.array([3.0, 1, 2, 2, 5, 4, 1, 6])
_X5 = np.round(2 * normal(95, (15,))[0]) + 3

stump = Exercise(
    "tables.4",
    answer=_stump,
    cases=[(_X4, np.array([1.0, -0.5, 0.2, 0.4, 2.0, 1.5, 0.1, -4.0])), (_X5, 1.5 * normal(1095, (15,))[0])],
    names="cut, left, right", arguments="x, rho", batch=None,
    hint="x = 1, 2, 3, 4 with rho = 0, 0, 1, 0: cut 2, answers 0 and 0.5",
    mistakes=[
        (lambda x, r: _stump(x, r, gain="plain"), "divide A^2 by the number of rows on that side: (.6)"),
        (lambda x, r: _stump(x, r, gain="size"), "A^2 / N, not the size of A: (.6)"),
        (lambda x, r: _stump(x, r, gain="mean"), "A^2 / N is N times the mean's square: one N too few"),
        (lambda x, r: _stump(x, r, gain="spread"),
         "left over are SUMS of squares: two variances count a side of one row as much as one of many"),
        (lambda x, r: _stump(x, r, worst=True), "this is the WORST cut: the largest bracket wins"),
        (lambda x, r: _stump(x, r, turned=True), "the answers are exchanged: first that of x <= cut"),
        (lambda x, r: _stump(x, r, sums=True), "the answers are MEANS of rho"),
        (lambda x, r: (int(np.flatnonzero(np.unique(x) == _stump(x, r)[0])[0]), *_stump(x, r)[1:]),
         "the cut is a value of x, not its place"),
        (lambda x, r: _stump(x, r, at="next"), "x <= cut, not <: the cut is the largest value LEFT of it"),
        (lambda x, r: _stump(x, r, at="middle"), "cuts are values of x, not the middle between two"),
        (lambda x, r: _stump(x, r, sort=False), "x is not sorted: ask x <= cut row by row"),
    ],
)  # fmt: skip


def _backtest(
    change,
    n,
    fee,
    *,
    today=False,
    late=0,
    start=0.0,
    fees=1.0,
    turned=1,
    held=False,
    flat=False,
    entry=True,
    early=False,
):
    position = np.full(len(change), 0.0)
    position[:n] = start
    for t in range(n, len(change)):
        seen = change[t - n + 1 : t + 1] if today else change[t - n - late : t - late]
        position[t] = turned * (1 if len(seen) and seen.mean() > 0 else 0 if flat else -1)
    moved = np.abs(np.diff(position, prepend=0))
    if held:
        moved = np.abs(position)
    if not entry:
        moved[n] = 0
    if early:
        moved = np.abs(np.diff(position, append=position[-1]))
    if fees == "each":
        moved = (moved > 0) * 1.0
        return position * change - fee * moved
    return position * change - fees * fee * moved


fair = Exercise(
    "tables.5",
    answer=_backtest,
    cases=[(normal(8, (30,))[0], 3, 0.1), (normal(9, (12,))[0], 1, 0.5)],
    names="gain", arguments="change, n, fee", batch=None,
    hint="mean of change[t - n : t], which ends BEFORE t; fee * |position - that of the day before|",
    mistakes=[
        (lambda *x: _backtest(*x, today=True),
         "the rule sees today: the mean may only go up to the day before"),
        (lambda *x: _backtest(*x, late=1), "a day late: the change of yesterday is known: change[t - n : t]"),
        (lambda *x: _backtest(*x, start=-1.0), "on the first n days it does nothing: position 0"),
        (lambda *x: _backtest(*x, fees=0.0), "the fees are missing"),
        (lambda *x: _backtest(*x, fees=-1.0), "fees are paid: their sign"),
        (lambda *x: _backtest(*x, fees="each"), "from -1 to 1 the position changes by two: twice the fee"),
        (lambda *x: _backtest(*x, held=True), "the fee is for a CHANGE of the position, not for each day"),
        (lambda *x: _backtest(*x, entry=False), "the first purchase or sale is a change, too: from 0"),
        (lambda *x: _backtest(*x, early=True), "a day early: the fee is paid on the day of the change"),
        (lambda *x: _backtest(*x, turned=-1), "it buys if the mean is above 0: yours does the opposite"),
        (lambda *x: _backtest(*x, flat=True), "else it SELLS (-1), and does not stand aside"),
        (lambda *x: np.cumsum(_backtest(*x)), "the gain of each DAY is asked for, not the sum so far"),
        (lambda *x: _backtest(*x).sum(), "the gain of EACH day, not of all"),
    ],
)  # fmt: skip


def _sums(z, *, slack=0.5, floor=True, size=False, carry=True, first=False, sign=1):
    s, out = 0.0, []
    for t, now in enumerate(z):
        step = sign * (abs(now) if size else now) - slack
        s = (s if carry else 0.0) + step
        if first and t == 0:
            s = 0.0
        s = max(0.0, s) if floor else s
        out.append(s)
    return np.array(out)


sums = Exercise(
    "tables.6",
    answer=_sums,
    cases=[(normal(10, (25,))[0] + 0.4,), (np.array([2.0, 1, -4, 0.2, 1.5, 1.5]),)],
    names="s", arguments="z", batch=None,
    hint="z = 2, -3, 1 gives 1.5, 0, 0.5",
    mistakes=[
        (lambda z: _sums(z, floor=False), "never below 0: max(0, ...) at each step"),
        (lambda z: np.maximum(0, np.cumsum(z - 0.5)), "max(0, ...) at EACH step, not once at the end"),
        (lambda z: _sums(z, slack=0.0), "0.5 is taken away each day"),
        (lambda z: _sums(z, slack=-0.5), "0.5 is taken AWAY each day"),
        (lambda z: _sums(z, size=True), "with its sign: days that are too cold bring the sum down"),
        (lambda z: _sums(z, carry=False), "the sum of the day before is missing"),
        (lambda z: _sums(z, first=True), "the first day counts, too: s is 0 BEFORE it"),
        (lambda z: np.append(0.0, _sums(z)), "one number a day: leave out the 0 before the first"),
        (lambda z: np.append(0.0, _sums(z))[:-1], "a day late: s of today holds z of today"),
    ],
)  # fmt: skip


def _first(s, limit, *, late=0, equal=False, none=-1):
    above = s >= limit if equal else s > limit
    return int(np.argmax(above)) + late if np.any(above) else none


_S = np.array([0.0, 1.5, 3.0, 2.0, 4.0, 0.5])

first = Exercise(
    "tables.6",
    answer=_first,
    cases=[(_S, 3.0), (_S, 9.0), (_S, 1.0), (_S, -1.0)],
    names="day", arguments="s, limit", batch=None,
    hint="s = 0, 2, 5 and the limit 2: day 2; the limit 9: -1",
    mistakes=[
        (lambda s, m: int(np.argmax(s > m)), "np.argmax of no True at all is 0: return -1 then"),
        (lambda s, m: _first(s, m, equal=True), "ABOVE the limit: equal is not yet an alarm"),
        (lambda s, m: _first(s, m, late=1), "days count from 0"),
        (lambda s, m: _first(s, m, none=len(s)), "if there is none, return -1"),
        (lambda s, m: int(np.argmax(s)) if np.any(s > m) else -1, "the FIRST day above it, not the highest"),
        (lambda s, m: int(np.sum(s > m)), "this counts the days: which is the first?"),
    ],
)  # fmt: skip


def _alarm(
    healthy, new, *, own=False, size=True, centre=True, single=False, both=False, through=False
):
    base = new if own else np.concatenate([healthy, new]) if both else healthy
    mean, scale = base.mean() * centre, base.std() if size else 1.0
    if through:
        s = _sums((np.concatenate([healthy, new]) - mean) / scale)
        return _first(s[len(healthy) :], s[: len(healthy)].max())
    one = (lambda z: z) if single else _sums
    return _first(one((new - mean) / scale), one((healthy - mean) / scale).max())


def _wear(seed, slope):
    a, b = normal(seed, (120,), (120,))
    return 60 + 2 * a, 60 + 2 * b + slope * np.arange(120)


alarm = Exercise(
    "tables.6",
    answer=_alarm,
    cases=[_wear(29, 0.03), _wear(24, 0.03), _wear(21, 0.08), _wear(14, -0.1), _wear(23, 0.03)],
    names="day", arguments="healthy, new", batch=None,
    hint="mean and deviation of `healthy` for both; limit = sums(z of healthy).max()",
    mistakes=[
        (lambda h, n: _alarm(h, n, own=True), "what is normal is said by the HEALTHY days alone"),
        (lambda h, n: _alarm(h, n, both=True), "what is normal is said by the HEALTHY days alone"),
        (lambda h, n: _alarm(h, n, size=False), "divide by the standard deviation"),
        (lambda h, n: _alarm(h, n, centre=False), "take the mean of the healthy days away"),
        (lambda h, n: _alarm(h, n, single=True), "the limit is for the SUMS, not for single days"),
        (lambda h, n: _first(_sums((n - h.mean()) / h.std()), 3.0), "the limit is the largest healthy sum"),
        (lambda h, n: _alarm(h, n, through=True), "s is 0 before the first NEW day, too: two sums"),
        (lambda h, n: len(h) + _alarm(h, n), "days are counted among the new ones"),
    ],
    steps={"sums": sums, "first": first},
)  # fmt: skip

EXERCISES = [on_paper, rating, cut, stump, fair, alarm]
