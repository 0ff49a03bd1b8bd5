"""Exercises: everything is a mapping."""

import numpy as np

from .inputs import normal
from .judge import Exercise

_CORNERS = np.array([[1.0, 1.0], [1.0, 0.0], [0.0, 1.0], [0.0, 0.0]])


def _pass(w, b, X, y, *, sign=1.0, bias=True, always=False, at_once=False, count=None,
          zero=0):  # fmt: skip
    start, mistakes, total = (w, b), 0, 0
    for x_i, y_i in zip(X, y, strict=True):
        u, c = start if at_once else (w, b)
        z = x_i @ u + c
        yhat = zero if z == 0 else int(z > 0)
        total += 1
        if yhat != y_i or always:
            step = (sign * (y_i - yhat)) if not always else sign * (2 * y_i - 1)
            w, b = w + step * x_i, b + bias * step
            mistakes += yhat != y_i
    return w, b, mistakes if count is None else count(mistakes, total)


def _train(X, y, passes=100, **bug):
    w, b = np.zeros(2), 0.0
    for _ in range(passes):
        w, b, mistakes = _pass(w, b, X, y, **bug)
        if not mistakes:
            break
    return (*(float(v) for v in w), float(b))


and_by_hand = Exercise(
    "everything_is_a_mapping.1",
    answer=_train(_CORNERS, [1, 0, 0, 0]),
    names="w1, w2, b",
    hint=("write the table of the chapter, a line for each case: the sum, the answer, the new w and "
          "b; the second case comes with the w and b that the first one left"),
    mistakes=[
        (_train(_CORNERS[::-1], [0, 0, 0, 1]), "this is where the order (0,0), (0,1), (1,0), (1,1) leads"),
        (_train(_CORNERS, [1, 1, 1, 0]), "this is OR: for AND only (1, 1) has the answer 1"),
        (_train(_CORNERS, [1, 0, 0, 0], passes=1), "this is after one pass: go on until one is all right"),
        (_train(_CORNERS, [1, 0, 0, 0], passes=2), "this is after two passes: go on until one is all right"),
        *((w, "this computes AND as well, but it is not where the rule leads from zero: follow its steps")
          for w in ((1.0, 1.0, -1.5), (1.0, 1.0, -1.0), (2.0, 2.0, -3.0))),
        ((0.0, 0.0, 0.0), "this is where it starts"),
    ],
)  # fmt: skip


def _points(seed, N, K):
    rng = np.random.default_rng(seed)
    X = rng.integers(-2, 3, (N, K)).astype(float)
    w = rng.integers(-2, 3, K).astype(float)
    X[0] = 0.0  # on the line where b is 0
    return X, w


unit = Exercise(
    "everything_is_a_mapping.2",
    answer=lambda X, w, b: (X @ w + b > 0).astype(int),
    cases=[(*_points(1, 8, 8), 0.0), (*normal(2, (30, 3), 3), 1.0), (*normal(3, (20, 2), 2), -0.5)],
    names="yhat",
    arguments="X, w, b",
    hint="try it on two rows and on paper; X @ w gives one sum for each row",
    mistakes=[
        (lambda X, w, b: (X @ w + b >= 0).astype(int), "a sum of exactly 0 gives 0: > 0, not >= 0"),
        (lambda X, w, b: (X @ w > 0).astype(int), "the bias b is missing"),
        (lambda X, w, b: (X @ w > b).astype(int), "b is ADDED to the sum: it is not the threshold itself"),
        (lambda X, w, b: X @ w + b, "this is the sum: answer 1 where it is above 0, else 0"),
        (lambda X, w, b: np.where(X @ w + b > 0, 1, -1), "the answers are 1 and 0 here, not 1 and -1"),
        (lambda X, w, b: (X @ w + b < 0).astype(int), "1 and 0 are swapped: 1 where the sum is above 0"),
    ],
)  # fmt: skip


def _cloud(seed, N):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((N, 3))
    return rng.standard_normal(3), 0.5, X, (X[:, 0] - X[:, 1] > 0.3).astype(int)


def _up_to_the_first(w, b, X, y):
    for k in range(1, len(X) + 1):
        new = _pass(w, b, X[:k], y[:k])
        if new[2]:
            return new
    return w, b, 0


rule = Exercise(
    "everything_is_a_mapping.3",
    answer=_pass,
    cases=[_cloud(1, 12), _cloud(2, 20), (np.zeros(2), 0.0, _CORNERS, np.array([1, 0, 0, 0]))],
    names="w, b, mistakes",
    arguments="w, b, X, y",
    batch=None,
    hint="print w and b after each example of OR and compare with the table in the chapter",
    mistakes=[
        (lambda *a: _pass(*a, sign=-1.0), "the sign is wrong: add (y - yhat) x, not (yhat - y) x"),
        (lambda *a: _pass(*a, bias=False), "the bias learns too: b + (y - yhat)"),
        (lambda *a: _pass(*a, at_once=True),
         "you judge every example with the weights from the start: use the new ones after each mistake"),
        (lambda w, *a: (w, *_pass(w, *a)[1:]), "this is the w that you were given: return the new one"),
        (_up_to_the_first, "the pass ends at the first mistake: does `return` stand inside the loop?"),
        (lambda *a: _pass(*a, zero=1), "a sum of exactly 0 gives 0: > 0, not >= 0"),
        (lambda *a: _pass(*a, always=True), "change the weights only after a mistake"),
        (lambda *a: _pass(*a, count=lambda m, n: n - m), "you count the right answers: count the mistakes"),
        (lambda *a: _pass(*a, count=lambda m, n: m / n), "the number of mistakes is wanted, not their share"),
    ],
)  # fmt: skip


def _bound(X, s, w, *, length=True, worst=np.min, square=True, far=np.max):
    gamma = worst(s * (X @ w)) / (np.linalg.norm(w) if length else 1.0)
    ratio = far(np.linalg.norm(X, axis=1)) / gamma
    return ratio**2 if square else ratio


def _separable(seed, N):
    rng = np.random.default_rng(seed)
    w = rng.standard_normal(3) * 4
    X = np.concatenate([rng.standard_normal((N, 2)), np.ones((N, 1))], axis=1)
    X = X[np.abs(X @ w) > 0.5]
    return X, np.sign(X @ w), w


most = Exercise(
    "everything_is_a_mapping.4",
    answer=_bound,
    cases=[_separable(4, 15), _separable(5, 30)],
    names="bound",
    arguments="X, s, w",
    batch=None,
    hint=("compute R, the length of the longest row, and gamma, the smallest margin, by themselves "
          "and print them; then put them into (.3)"),
    mistakes=[
        (lambda *a: _bound(*a, length=False), "the theorem wants a u of length 1: divide w by its length"),
        (lambda *a: _bound(*a, square=False), "this is R / gamma: the bound is its square"),
        (lambda *a: _bound(*a, worst=np.mean), "gamma is the WORST margin, not the average"),
        (lambda X, s, w: _bound(X, 1.0, w), "s is missing: the margin is s (u . x), positive for all"),
        (lambda *a: _bound(*a, worst=np.max), "gamma is the smallest margin, not the largest"),
        (lambda *a: _bound(*a, far=np.mean), "R is the length of the LONGEST example"),
        (lambda X, s, w: 1 / _bound(X, s, w), "upside down: R is above, gamma below"),
    ],
)  # fmt: skip


def _vote(X, y, x, k, *, far=False, power=2, last=False):
    order = (np.abs(X - x) ** power).sum(axis=1).argsort()
    chosen = y[order[-k:] if far else order[:k]]
    counts = np.bincount(chosen)
    return len(counts) - 1 - counts[::-1].argmax() if last else counts.argmax()


def _labelled(seed, N, k):
    rng = np.random.default_rng(seed)
    return rng.standard_normal((N, 4)), rng.integers(0, 4, N), rng.standard_normal((20, 4)), k


_TIE = (np.array([[0.0], [1.0], [2.0], [9.0]]), np.array([3, 1, 3, 2]), np.array([[0.9], [8.0]]), 2)


def _votes(f, X, y, points, k):
    return np.array([f(X, y, x, k) for x in points])


voting = Exercise(
    "everything_is_a_mapping.5",
    answer=_vote,
    cases=[_labelled(1, 40, 9), _TIE, _labelled(8, 12, 1)],
    names="labels",
    arguments="X, y, points, k",
    batch=None,
    use=_votes,
    hint=("print the distances to three training points, then the labels of the k closest, then how "
          "often each occurs"),
    mistakes=[
        (lambda *a: _vote(*a, far=True), "these are the k points FARTHEST away: take the closest"),
        (lambda X, y, x, k: _vote(X, y, x, 1), "you took the closest point alone: let the k closest vote"),
        (lambda *a: _vote(*a, last=True), "where two labels have as many votes, the smaller one wins"),
        (lambda X, y, x, k: np.bincount(y).argmax(), "the same for every x: let the k closest vote"),
        (lambda X, y, x, k: y[((X - x) ** 2).sum(axis=1).argsort()[:k]].mean(),
         "labels are names, not amounts: let them vote, do not average them"),
        (lambda X, y, x, k: round(y[((X - x) ** 2).sum(axis=1).argsort()[:k]].mean()),
         "labels are names, not amounts: a rounded mean is no vote"),
    ],
)  # fmt: skip


def _left_out(X, y, *, itself=False, right=False, share=True):
    squares = ((X[:, None] - X) ** 2).sum(axis=-1)
    if not itself:
        np.fill_diagonal(squares, np.inf)
    wrong = y[squares.argmin(axis=1)] != y
    wrong = ~wrong if right else wrong
    return np.mean(wrong) if share else np.sum(wrong)


def _groups(seed, N):
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 3, N)
    X = rng.standard_normal((N, 2)) + y[:, None]
    X[9], y[9] = X[4], (y[4] + 1) % 3  # two at the same place, with different labels
    return X, y


def _nearest_other(X, itself=False):
    far = np.where(np.eye(len(X), dtype=bool) & (not itself), np.inf, 0.0)
    return (((X[:, None] - X) ** 2).sum(axis=2) + far).argmin(axis=1)


nearest = Exercise(
    "everything_is_a_mapping.6",
    answer=_nearest_other,
    cases=[(_groups(3, 12)[0],), (_groups(4, 20)[0],)],
    names="nearest",
    arguments="X",
    batch=None,
    hint="for the points 0, 1 and 5 on a line: 1, 0 and 1",
    mistakes=[
        (lambda X: _nearest_other(X, itself=True),
         "each example is its own nearest: its distance is no candidate"),
    ],
)  # fmt: skip

left_out = Exercise(
    "everything_is_a_mapping.6",
    answer=_left_out,
    cases=[_groups(1, 30), _groups(2, 50)],
    names="share",
    arguments="X, y",
    batch=None,
    steps={"nearest": nearest},
    hint="try three points on a line, 0, 1 and 5: which is the nearest other one of each?",
    mistakes=[
        (lambda *a: _left_out(*a, itself=True),
         "no mistakes at all: each example is its own nearest neighbour, leave it out"),
        (lambda X, y: np.mean(y[((X[:, None] - X) ** 2).sum(-1).argsort(axis=1)[:, 1]] != y),
         "where two lie at the same place the second in order may be itself: set its distance to inf"),
        (lambda *a: _left_out(*a, right=True), "this is the share of right answers, not of wrong ones"),
        (lambda *a: _left_out(*a, share=False), "this is their number: divide by N for the share"),
        (lambda X, y: _left_out(X[::2], y[::2]), "half of the examples are missing: leave out one at a time"),
    ],
)  # fmt: skip

EXERCISES = [and_by_hand, unit, rule, most, voting, left_out]
