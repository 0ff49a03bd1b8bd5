"""Exercises: learning by doing."""

import numpy as np

from .. import primitives as p
from .inputs import normal
from .judge import Exercise

on_paper = Exercise(
    "learning_by_doing.1",
    answer=(0.6, 1.25, 1.6),
    names="mean, value, push",
    hint=("(a) (.1) with n = 5; (b) the goal pays 10 to the cell beside it, half of that to the next; "
          "(c) 1 less the probability of what you did, times what it brought more than expected"),
    mistakes=[
        ((0.5625, 1.25, 1.6), "mean: n counts the new reward, too: it is the fifth"),
        ((0.75, 1.25, 1.6), "mean: this is the one before: the machine has paid 0 since"),
        ((0.375, 1.25, 1.6), "mean: all five rewards count alike, the last is not worth half"),
        ((0.6, 0.625, 1.6), "value: the last cell is paid 10 at once: three steps are discounted, not four"),
        ((0.6, 2.5, 1.6), "value: count the cells: three steps lie between the farthest and the last"),
        ((0.6, 10.0, 1.6), "value: what comes later counts less: a factor of 0.5 for each step"),
        ((0.6, 5.0, 1.6), "value: one factor of 0.5 for EACH of three steps"),
        ((0.6, 1.25, 4.0), "push: take the baseline off the return: 5 - 3"),
        ((0.6, 1.25, 0.4), "push: 1 less the probability of what you DID, which had 0.2"),
        ((0.6, 1.25, -0.4), "push: the right WAS taken: 1 less its probability, not 0 less it"),
        ((0.6, 1.25, 2.0), "push: the gradient of ln pi by its own logit is 1 - pi, not 1"),
        ((0.6, 1.25, -1.6), "push: it went better than expected: the logit goes UP"),
        ((0.6, 1.25, 10.0), "push: dividing by pi is the gradient by the probability: the logit's is 1 - pi"),
    ],
)  # fmt: skip


def _could(n, mean, t, c, *, root=True, new=np.inf, every=False, log=True, add=1, outside=False):
    width = (np.log(t) if log else float(t)) / (n.sum() if every else np.maximum(n, 1))
    width = np.sqrt(c * width) if outside else c * (np.sqrt(width) if root else width)
    could = mean + add * width
    return could if new is None else np.where(n == 0, new, could)


could = Exercise(
    "learning_by_doing.2",
    answer=_could,
    cases=[(np.array([40, 3, 9, 8]), np.array([0.7, 0.5, 0.62, 0.1]), 60, 0.5),
           (np.array([5, 0, 2, 0]), np.array([0.9, 0.0, 0.5, 0.0]), 7, 0.3)],
    names="scores", arguments="n, mean, t, c", batch=None,
    hint="with n = 4, 1, means 0.5, 0.4, t = 5 and c = 1: 0.5 + 0.634 and 0.4 + 1.269",
    mistakes=[
        (lambda n, mean, t, c: mean, "these are the means: add what (.2) adds for doubt"),
        (lambda *x: _could(*x, new=None), "a machine that was never pulled gets infinity: it comes first"),
        (lambda *x: _could(*x, new=0.0), "a machine that was never pulled gets infinity, not 0"),
        (lambda *x: _could(*x, root=False), "the root is missing: (.2)"),
        (lambda *x: _could(*x, log=False), "the logarithm of t, not t"),
        (lambda n, mean, t, c: _could(n, mean, np.maximum(n, 1), c),
         "the logarithm of t, the round, not of the machine's own pulls"),
        (lambda *x: _could(*x, outside=True), "c stands before the root, not in it"),
        (lambda *x: _could(*x, every=True), "divide by the pulls of EACH machine, not by all pulls"),
        (lambda *x: _could(*x, add=-1), "this is what a machine could be at worst: add, do not take off"),
        (lambda *x: int(np.argmax(_could(*x))), "this is the machine: what ALL of them could be is wanted"),
        (lambda *x: _could(*x) - x[1], "this is the doubt alone: the mean counts, too"),
    ],
)  # fmt: skip


def _sweep(p, r, V, gamma, *, best=np.max, arg=np.argmax, late=True, turn=False, pay=True):
    Q = (r if pay else 0) + (gamma if late else 1) * (np.swapaxes(p, 1, 2) if turn else p) @ V
    return best(Q, axis=0), arg(Q, axis=0)


def _chances(seed, *shape):
    return p.softmax(2 * normal(seed, shape)[0])[0]


sweep = Exercise(
    "learning_by_doing.3",
    answer=_sweep,
    cases=[(_chances(1, 3, 5, 5), *normal(2, (3, 5), 5), 0.9),
           (_chances(3, 2, 4, 4), *normal(4, (2, 4), 4), 0.5)],
    names="new V, actions", arguments="p, r, V, gamma", batch=None,
    hint="p @ V is an array (A, S): of each action and state, the mean of V over where it may lead",
    mistakes=[
        (lambda *x: _sweep(*x, best=np.mean), "V is the value of the BEST action, not of a mean one"),
        (lambda *x: _sweep(*x, late=False), "what comes later counts gamma of itself: (.3)"),
        (lambda *x: _sweep(*x, pay=False), "what the move itself pays, r, is missing"),
        (lambda *x: _sweep(*x, turn=True), "p[a, s, z] leads from s TO z: sum over the last axis"),
        (lambda *x: _sweep(*x, best=np.min, arg=np.argmin), "the best action has the LARGEST value"),
        (lambda p, r, V, g: (_sweep(p, r, V, g)[0] + V, _sweep(p, r, V, g)[1]),
         "the new V takes the place of the old: it is not added to it"),
        (lambda p, r, V, g: (_sweep(p, r, V, g)[0], _sweep(p, r, V, g, pay=False)[1]),
         "actions: the best is the one with the largest r + gamma p V: r counts, too"),
        (lambda p, r, V, g: (_sweep(p, r, V, g)[0], _sweep(p, r, V, g)[0].argmax()),
         "actions: one for each state: the largest along the axis of actions"),
    ],
)  # fmt: skip


def _teach(
    Q, s, a, r, z, over, rate, gamma, *, end=True, own=False, late=True, pick=np.max, whole=False,
    here=False,
):  # fmt: skip
    new = Q.copy()
    rest = Q[z, a] if own else pick(Q[s if here else z])
    target = r + (0 if over and end else (gamma if late else 1) * rest)
    new[s, a] += rate * (target if whole else target - Q[s, a])
    return new


def _without_pay_at_end(Q, s, a, r, z, over, rate, gamma):
    return _teach(Q, s, a, 0 if over else r, z, over, rate, gamma)


def _replaced(Q, s, a, r, z, over, rate, gamma):
    return _teach(Q, s, a, r, z, over, 1.0, gamma)


taught = Exercise(
    "learning_by_doing.4",
    answer=_teach,
    cases=[(normal(5, (4, 3))[0], 1, 1, 0.5, 2, False, 0.3, 0.9),
           (normal(6, (4, 3))[0], 0, 1, -1.0, 2, True, 0.5, 0.8)],
    names="Q", arguments="Q, s, a, r, z, over, rate, gamma", batch=None,
    hint="target less Q[s, a], times rate, is added to Q[s, a]; the target is r alone where the try is over",
    mistakes=[
        (lambda Q, s, a, r, z, over, *x: _teach(Q, s, a, r, z, True, *x),
         "what comes later is missing: gamma times the best value in z, unless the try IS over"),
        (lambda *x: _teach(*x, pick=np.argmax), "the VALUE of the best action in z, not its number"),
        (lambda *x: _teach(*x, here=True), "the best value in z, where the move led, not in s"),
        (lambda *x: _teach(*x, end=False), "where the try is over nothing comes later: only r is left"),
        (lambda *x: _teach(*x, own=True), "the BEST action in z, not the same one again"),
        (lambda *x: _teach(*x, late=False), "what comes later counts gamma of itself"),
        (lambda *x: _teach(*x, pick=np.mean), "the BEST action in z, not the mean of all"),
        (lambda *x: _teach(*x, whole=True), "move by a share of the surprise, target less Q[s, a]: (.5)"),
        (_without_pay_at_end, "the last move is paid, too: r counts also where the try is over"),
        (_replaced, "only a share `rate` of the way to the target"),
    ],
)  # fmt: skip


def _policy(logits, a, r, *, go=True, base=True, ahead=True, share=True, sign=1, axis=1, own=True):
    pi = p.softmax(logits)[0]
    G = np.cumsum(r[::-1], axis=0)[::-1] if go else np.broadcast_to(r.sum(axis=0), r.shape)
    G = G if ahead else np.cumsum(r, axis=0)
    w = G - G.mean(axis=axis, keepdims=True) if base else G
    return sign * w[:, :, None] * (pi - own * np.eye(pi.shape[2])[a]) / (r.shape[1] if share else 1)


_TRIES = [(normal(seed, (T, n, A))[0], (np.abs(normal(seed + 1, (T, n))[0]) * 7).astype(int) % A,
           normal(seed + 2, (T, n))[0]) for seed, T, n, A in ((10, 4, 3, 2), (20, 3, 5, 3))]  # fmt: skip

by_logits = Exercise(
    "learning_by_doing.5",
    answer=_policy,
    cases=_TRIES,
    names="dL/dz", arguments="logits, a, r", batch=None,
    hint="probabilities less one-hot actions, times (G - b), divided by N; G sums r from step t to the end",
    mistakes=[
        (lambda *x: _policy(*x, base=False), "the baseline is missing: G less its mean over the tries"),
        (lambda *x: _policy(*x, go=False), "G is the sum of the rewards from t ON: this is the whole return"),
        (lambda *x: _policy(*x, ahead=False), "G looks ahead: this sums the rewards up to t"),
        (lambda *x: _policy(*x, share=False), "the loss is a mean over the tries: divide by N"),
        (lambda *x: _policy(*x, sign=-1), "the sign: this is the way uphill for J; dL/dz is asked for"),
        (lambda *x: _policy(*x, axis=0), "the mean over the TRIES (axis 1) of each step, not over the steps"),
        (lambda z, a, r: _policy(z, a, r) / r.shape[0], "a sum over the steps, a mean over the tries only"),
        (lambda z, a, r: _policy(z, a, r) * r.shape[1] / (r.shape[1] - 1),
         "this leaves the try itself out: the mean over ALL tries is asked for"),
        (lambda *x: _policy(*x, own=False), "the actions are missing: probabilities LESS the one-hot action"),
        (lambda *x: _policy(*x, axis=None),
         "each step has a baseline of its own: the mean of G over the tries"),
    ],
)  # fmt: skip


def _bonus(phi, to, ends, gamma, *, late=True, end=True, old=True, sign=1):
    after = np.where(ends, 0, phi) if end else phi
    return sign * ((gamma if late else 1) * after[to] - (phi[:, None] if old else 0))


_WAYS = np.array([[1, 0], [2, 0], [3, 1], [3, 3], [4, 2]])
_LAST = np.array([False, False, False, True, True])

harmless = Exercise(
    "learning_by_doing.6",
    answer=_bonus,
    cases=[(normal(30, 5)[0], _WAYS, _LAST, 0.9), (normal(31, 5)[0], _WAYS[::-1], _LAST[::-1], 0.7)],
    names="bonus", arguments="phi, to, ends, gamma", batch=None,
    hint="phi[to] has the shape (S, A); phi[:, None] goes beside it; set phi of ends to 0 before looking up",
    mistakes=[
        (lambda *x: _bonus(*x, late=False), "the phi of where you arrive counts gamma of itself"),
        (lambda *x: _bonus(*x, end=False), "phi of a state that ends the try counts as 0"),
        (lambda *x: _bonus(*x, old=False), "take phi of where you came from off: else walking round pays"),
        (lambda *x: _bonus(*x, sign=-1), "the sign: arriving at a promising state pays"),
        (lambda phi, to, ends, g: _bonus(np.where(ends, 0, phi), to, ends, g),
         "phi is 0 where you ARRIVE at an end: for where you come from it stays as it is"),
        (lambda phi, to, ends, g: g * phi[to] * ~ends[:, None] - phi[:, None],
         "ends[to], not ends: phi is 0 where the move ARRIVES at an end"),
        (lambda phi, to, ends, g: g * (np.where(ends, 0, phi)[to] - phi[:, None]),
         "only the phi of where you arrive counts gamma of itself"),
    ],
)  # fmt: skip


def _pile(m):
    return -1 if m % 4 == 0 else 1


pile = Exercise(
    "learning_by_doing.7",
    answer=_pile,
    cases=[(12,)],
    use=lambda f, most: [float(f(m)) for m in range(most + 1)],
    names="piles of 0 to 12", arguments="m", batch=None,
    hint="0 is lost; 1, 2, 3 are won by taking all; from 4 every move leaves the other a won pile",
    mistakes=[
        (lambda m: -_pile(m), "the sign: who must take from an empty pile has lost"),
        (lambda m: 1 if m else -1, "the other plays perfectly, too: a pile is worth MINUS what is left him"),
        (lambda m: 1 if m % 4 == 1 else -1, "it is enough that ONE move leaves the other a lost pile"),
        (lambda m: -1 if m % 4 == 1 else 1, "whoever takes the last one WINS: here he loses"),
        (lambda m: -1 if m % 3 == 0 else 1, "one may take 1, 2 or 3: this is right for 1 or 2"),
        (lambda m: 1 if m % 2 else -1, "one may take 1, 2 or 3: this is right for 1 only"),
        (lambda m: 0 if m == 0 else _pile(m), "an empty pile is lost, -1: the other took the last"),
    ],
)  # fmt: skip


def _aim(Q, m, k, *, sign=-1, won=1.0, pick=np.max, every=False, zero=False):
    rest = m - k
    if rest == 0:
        return won
    return sign * float(pick(Q[rest, (0 if zero else 1) : (3 if every else min(3, rest)) + 1]))


def _piles(seed):
    return normal(seed, (8, 4))[0] - 2 * (np.arange(4) > np.arange(8)[:, None])


aim = Exercise(
    "learning_by_doing.7",
    answer=_aim,
    cases=[(_piles(40), 7, 2), (_piles(41), 3, 3), (_piles(42) + 3, 3, 1),
           (np.where(np.arange(4) > np.arange(8)[:, None], 9.0, _piles(43)), 4, 2),
           (np.where(np.arange(4) == 0, 9.0, _piles(44)), 6, 1)],
    names="y", arguments="Q, m, k", batch=None,
    hint="the other finds m - k; what may be taken of them is 1 to min(3, m - k); none left: you have won",
    mistakes=[
        (lambda *x: _aim(*x, sign=1), "what is good for the other is bad for you: the minus of (.6)"),
        (lambda *x: _aim(*x, won=-1.0), "who takes the last match has won: 1"),
        (lambda *x: _aim(*x, won=0.0), "who takes the last match has won: 1"),
        (lambda *x: _aim(*x, every=True), "of 2 matches nobody can take 3: only moves that are possible"),
        (lambda *x: _aim(*x, zero=True), "column 0 is no move: one takes at least 1"),
        (lambda *x: _aim(*x, pick=np.min), "the other takes what is BEST for him: maximum, then minus"),
        (lambda *x: _aim(*x, pick=np.mean), "the other takes what is BEST for him, not anything"),
    ],
)  # fmt: skip


def _matches(most, games, *, sign=-1, rate=1.0, stop=True, back=False, over=1.0):
    Q = np.zeros((most + 1, 4))
    for game in games:
        m, moves = most, []
        for u in game:
            k = 1 + int(u * min(3, m))
            moves.append((m, k))
            m -= k
            if m == 0:
                break
        for m, k in moves[::-1] if back else moves:
            Q[m, k] += rate * (_aim(Q, m, k, sign=sign, won=over) - Q[m, k])
    return Q


def _monte_carlo(most, games):
    """Each move gets the result of its game."""
    Q = np.zeros((most + 1, 4))
    for game in games:
        m, moves = most, []
        for u in game:
            moves.append((m, 1 + int(u * min(3, m))))
            m -= moves[-1][1]
            if m == 0:
                break
        for back, (m, k) in enumerate(reversed(moves)):
            Q[m, k] = 1.0 if back % 2 == 0 else -1.0
    return Q


def _games(seed, number, most):
    return np.random.default_rng(seed).random((number, most))


matches = Exercise(
    "learning_by_doing.7",
    answer=_matches,
    cases=[(5, _games(1, 4, 5)), (6, _games(2, 9, 6)), (9, _games(3, 40, 9))],
    names="Q", arguments="most, games", batch=None,
    hint="for each number: k from u, then Q[m, k] = aim(Q, m, k), then m - k; a game ends at 0",
    mistakes=[
        (lambda *x: _matches(*x, sign=1), "what is good for the other is bad for you: the minus of (.6)"),
        (lambda *x: _matches(*x, rate=0.5), "alpha is 1: the target takes the place of the old value"),
        (lambda *x: _matches(*x, back=True), "move by move, as it is played: not from the end of a game"),
        (lambda *x: _matches(*x, over=-1.0), "who takes the last match has won: 1"),
        (_monte_carlo, "the target is what the BEST reply is worth, not how this game ended"),
        (lambda most, games: _matches(most, games)[1:], "`most` + 1 rows: row 0 is the empty pile"),
    ],
    steps={"pile": pile, "aim": aim},
)  # fmt: skip

EXERCISES = [on_paper, could, sweep, taught, by_logits, harmless, matches]
