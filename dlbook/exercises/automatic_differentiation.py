"""Exercises: automatic differentiation."""

import collections
import weakref
from itertools import pairwise

import numpy as np

from .inputs import activation, normal, value_and_gradients
from .judge import Exercise

two_ways = Exercise(
    "automatic_differentiation.1",
    answer=(9.0, 21.0, 135.0),
    names="dv, du, dx",
    hint=("draw the graph and write at each arrow the slope; then collect from every user, L first, "
          "as in the list of the chapter"),
    mistakes=[
        ((9.0, 12.0, 81.0), "u has two users, L and v: the 9 that comes back through v is missing in du"),
        ((9.0, 21.0, 72.0), "u = x x has x twice: each of the two factors brings du times 3"),
        ((9.0, 21.0, 126.0), "x has two users, u and v: what comes back through v is missing in dx"),
        ((9.0, 21.0, 63.0), "x stands three times: twice in u = x x, and once in v = u + x"),
        ((12.0, 24.0, 156.0), "dv is what comes back (1) times the OTHER factor of L = u v, u = 9"),
        ((9.0, 9.0, 63.0), "u also stands in L = u v itself: its 12 is missing in du"),
    ],
)  # fmt: skip


def _sine(slope):
    return activation(np.sin, slope)


sine = Exercise(
    "automatic_differentiation.2",
    answer=_sine(lambda x, y, dy: dy * np.cos(x)),
    cases=[normal(11, (4, 3), (4, 3)), normal(12, (5,), (5,))],
    names="y, dx",
    arguments="x, dy",
    use=value_and_gradients,
    hint=("value and pullback by themselves: at x = 0 the slope is 1; compare at another x with a "
          "nudge"),
    mistakes=[
        (_sine(lambda x, y, dy: np.cos(x)), "this is the slope alone: multiply it by dy, what comes back"),
        (_sine(lambda x, y, dy: -dy * np.cos(x)), "the derivative of sin is +cos"),
        (_sine(lambda x, y, dy: dy * np.cos(y)), "the slope is cos of the INPUT x, not of the output"),
        (_sine(lambda x, y, dy: np.cos(dy * x)), "dy multiplies the slope, it does not go into the cosine"),
        (_sine(lambda x, y, dy: dy), "dy passes unchanged: multiply it by the slope cos(x)"),
    ],
)  # fmt: skip

# c = a b, d = c + a, L = d d of the chapter; and a random tape with values that nobody uses
_DIAMOND = [[], [], [(0, 3.0), (1, 2.0)], [(2, 1.0), (0, 1.0)], [(3, 8.0), (3, 8.0)]]


def _random_tape(seed, inputs, n):
    rng = np.random.default_rng(seed)
    tape: list = [[] for _ in range(inputs)]
    for i in range(inputs, n):
        used = rng.integers(0, i, 2)
        tape.append([(int(j), round(float(rng.uniform(-2, 2)), 2)) for j in used])
    return tape


def _adjoints(tape, *, start=1.0, add=True, order=-1):
    bar = np.zeros(len(tape))
    bar[-1] = start
    for i in range(len(tape))[::order]:
        for j, slope in tape[i]:
            bar[j] = (bar[j] if add else 0.0) + bar[i] * slope
    return bar


def _without_what_comes_back(tape):
    bar = np.zeros(len(tape))
    bar[-1] = 1.0
    for i in range(len(tape))[::-1]:
        for j, slope in tape[i]:
            bar[j] += slope
    return bar


def _each_once(tape):
    return [list({j: (j, slope) for j, slope in entry}.values()) for entry in tape]


def _breadth_first(tape):
    order, bar = [len(tape) - 1], np.zeros(len(tape))
    for i in order:
        order += [j for j in dict.fromkeys(j for j, _ in tape[i]) if j not in order]
    bar[-1] = 1.0
    for i in order:
        for j, slope in tape[i]:
            bar[j] += bar[i] * slope
    return bar


reverse = Exercise(
    "automatic_differentiation.3",
    answer=_adjoints,
    cases=[(_random_tape(1, 3, 12),), (_DIAMOND,), (_random_tape(2, 2, 30),)],
    names="adjoints",
    arguments="tape",
    batch=None,
    hint=("run it on the tape of c = a b, d = c + a, L = d d and compare each entry with the picture: "
          "64, 32, 16, 16, 1; then read (.2) again"),
    mistakes=[
        (lambda tape: _adjoints(tape, add=False),
         "a value with several users keeps only one contribution: add them up, (.2)"),
        (lambda tape: _adjoints(tape, order=1),
         "you go through the tape from the start: begin at the loss, newest first"),
        (lambda tape: _adjoints(tape, start=0.0),
         "everything is 0: the loss itself must start with 1"),
        (_without_what_comes_back,
         "you add up slopes: multiply each by what has come back to its user, bar[i]"),
        (_breadth_first,
         "a value passes on its gradient before all its users have reported: go by number, newest first"),
        (lambda tape: _adjoints(_each_once(tape)),
         "an entry may name the same value twice, as d d does: both pairs count"),
    ],
)  # fmt: skip


def _rates(tape, start, *, order=1, add=True, carry=True):
    dot = np.zeros(len(tape))
    for i in range(len(tape))[::order]:
        dot[i] = start.get(i, 0.0)
        for j, slope in tape[i]:
            moved = (dot[j] if carry else 1.0) * slope
            dot[i] = dot[i] + moved if add else moved
    return dot


forward = Exercise(
    "automatic_differentiation.4",
    answer=_rates,
    cases=[
        (_random_tape(3, 3, 12), {0: 1.0, 2: -0.5}),
        (_DIAMOND, {1: 1.0}),
        (_random_tape(4, 2, 30), {0: 2.0}),
    ],
    names="rates",
    arguments="tape, start",
    batch=None,
    hint="run it on the tape of the picture with the rate 1 for a alone: the rate of L is 64",
    mistakes=[
        (lambda tape, start: _rates(tape, start, order=-1),
         "the rates do not get far: go oldest first, and let each value collect from those it uses"),
        (lambda tape, start: _rates(_each_once(tape), start),
         "an entry may name the same value twice, as d d does: both pairs count"),
        (lambda tape, start: _rates(tape, start, add=False),
         "an entry may use several values: their contributions add up"),
        (lambda tape, start: _rates(tape, start, carry=False),
         "you add up slopes: multiply each by the rate of the value that is used"),
        (lambda tape, start: _adjoints(tape),
         "these are the gradients of reverse mode: here rates run forward from the inputs"),
        (lambda tape, start: _rates(tape, {i: 1.0 for i, e in enumerate(tape) if not e} | start),
         "inputs that `start` does not name stand still: their rate is 0"),
        (lambda tape, start: _rates(tape, dict.fromkeys(start, 1.0)),
         "every input in `start` moves at the rate given there, not at 1"),
    ],
)  # fmt: skip


def _costs(widths, runs=lambda w: (w[0], w[-1])):
    per_run = sum(i * o for i, o in pairwise(widths))
    return tuple(n * per_run for n in runs(widths))


costs = Exercise(
    "automatic_differentiation.5",
    answer=_costs,
    cases=[((3, 5, 7),), ((1000, 50, 50, 1),), ((20, 2),)],
    names="forward, reverse",
    arguments="widths",
    batch=None,
    hint=("take widths (3, 5, 7): count the multiplications of one run through both layers, then the "
          "runs that each mode needs"),
    mistakes=[
        (lambda widths: _costs(widths)[::-1],
         "the two are swapped: forward mode needs a run per INPUT, reverse mode one per output"),
        (lambda widths: _costs(widths, lambda w: (1, 1)),
         "this is one run: forward mode needs one per input, reverse mode one per output"),
        (lambda widths: _costs(widths, lambda w: (w[0] * w[-1], w[0] * w[-1])),
         "a run does not end at one input or output: it gives a whole column or row"),
        (lambda w: (_costs(w[1:])[0] // w[1] * w[0], _costs(w[:-1])[1] // w[-2] * w[-1]),
         "a run goes through ALL layers: the first and the last cost n_in times n_out, too"),
        (lambda widths: _costs(widths, lambda w: (w[0], w[0])),
         "reverse mode needs a run per OUTPUT: the last of the widths"),
        (lambda widths: tuple(n * sum(widths) for n in (widths[0], widths[-1])),
         "a layer costs n_in times n_out multiplications, not their number of units"),
    ],
)  # fmt: skip


def _watched(f, x, n, k):
    """Run f with a step that counts its calls and the pullbacks alive at the same time."""
    seen: collections.Counter[str] = collections.Counter()

    def born(what, thing):
        def gone():
            seen[what] -= 1

        weakref.finalize(thing, gone)
        seen[what] += 1
        seen[f"most {what}"] = max(seen[f"most {what}"], seen[what])

    def step(x):
        y = np.tanh(1.1 * np.roll(x, 1, axis=-1) + 0.3 * x)

        def vjp(dy):
            d = dy * (1 - y * y)
            return (1.1 * np.roll(d, -1, axis=-1) + 0.3 * d,)

        seen["calls"] += 1
        born("pullbacks", vjp)
        born("values", y)
        return y, vjp

    dx = f(step, x, n, k)
    few = seen["most pullbacks"] <= k + 1, seen["most values"] <= n // k + k + 4
    return dx, *map(float, few), float(seen["calls"] <= 2 * n)


def _checkpointed(step, x, n, k, *, keep_all=False, start_over=False, turn=True, seed=1.0,
                  values=False, pieces=True):  # fmt: skip
    kept, first, alive = [], x, []
    for t in range(n):
        if t % k == 0:
            kept.append(x)
        if values:
            alive.append(x)
        x, vjp = step(x)
        if keep_all:
            alive.append(vjp)
        del vjp
    dx = np.full_like(x, seed / (x.size if seed < 1 else 1))
    for piece in range(n // k)[:: -1 if pieces else 1]:
        x, pullbacks = (first, []) if start_over else (kept[piece], [])
        for _ in range(piece * k if start_over else 0):
            x = step(x)[0]
        for _ in range(k):
            x, vjp = step(x)
            pullbacks.append(vjp)
            del vjp
        while pullbacks:
            (dx,) = pullbacks.pop(-1 if turn else 0)(dx)
    return dx


def _plain_step(x):
    y = np.tanh(1.1 * np.roll(x, 1, axis=-1) + 0.3 * x)

    def vjp(dy):
        d = dy * (1 - y * y)
        return (1.1 * np.roll(d, -1, axis=-1) + 0.3 * d,)

    return y, vjp


def _kept(step, x, n, k, start=0):
    values = []
    for t in range(n):
        if t % k == start:
            values.append(x)
        x = step(x)[0]
    return values


kept = Exercise(
    "automatic_differentiation.6",
    answer=_kept,
    cases=[(*normal(15, (4,)), 12, 3), (*normal(16, (2, 3)), 8, 4)],
    names="values",
    arguments="x, n, k",
    batch=None,
    use=lambda f, x, n, k: np.array(f(_plain_step, x, n, k)),
    hint="with n = 4 and k = 2: the first x, and the value after two steps",
    mistakes=[
        (lambda step, x, n, k: _kept(step, x, n, k, k - 1),
         "keep the value that a piece STARTS from, x itself first"),
        (lambda step, x, n, k: _kept(step, x, n, 1), "every k-th value only"),
    ],
)  # fmt: skip


def _piece(step, x, k, dy, turn=-1):
    pullbacks = []
    for _ in range(k):
        x, vjp = step(x)
        pullbacks.append(vjp)
    for vjp in pullbacks[::turn]:
        (dy,) = vjp(dy)
    return dy


piece = Exercise(
    "automatic_differentiation.6",
    answer=_piece,
    cases=[(normal(17, (4,))[0], 3, normal(18, (4,))[0]), (normal(19, (2, 3))[0], 5, normal(20, (2, 3))[0])],
    names="dx",
    arguments="x, k, dy",
    batch=None,
    use=lambda f, x, k, dy: f(_plain_step, x, k, dy),
    hint="with k = 1 it is what the one pullback makes of dy; with k = 2 compare with a nudge of x[0]",
    mistakes=[
        (lambda step, x, k, dy: _piece(step, x, k, dy, 1), "the newest pullback comes first"),
        (lambda step, x, k, dy: _piece(step, x, 1, dy), "k steps, not one"),
    ],
)  # fmt: skip

checkpoints = Exercise(
    "automatic_differentiation.6",
    answer=_checkpointed,
    cases=[(*normal(13, (4,)), 30, 5), (*normal(14, (2, 3)), 24, 4)],
    names="dx, pullbacks, values, calls",
    arguments="x, n, k",
    batch=None,
    use=_watched,
    steps={"kept": kept, "piece": piece},
    hint=("take n = 4 and k = 2 and write down, line by line, which values and pullbacks are alive; "
          "the gradient must equal that of the plain loop with k = n"),
    mistakes=[
        (lambda *args: _checkpointed(*args, keep_all=True),
         "too many pullbacks are alive at a time: only those of one piece of k steps may be"),
        (lambda *args: _checkpointed(*args, values=True),
         "too many values are kept: in the first walk only every k-th"),
        (lambda *args: _checkpointed(*args, pieces=False),
         "the pieces come in forward order: the last piece is the first to go back"),
        (lambda *args: _checkpointed(*args, start_over=True),
         "step is called too often: start each piece at the value you kept, not at the beginning"),
        (lambda *args: _checkpointed(*args, turn=False),
         "within a piece the pullbacks are called in forward order: the newest comes first"),
        (lambda *args: _checkpointed(*args, seed=0.5),
         "the gradient of the SUM of the last value starts as ones, without a division"),
    ],
)  # fmt: skip

EXERCISES = [two_ways, sine, reverse, forward, costs, checkpoints]
