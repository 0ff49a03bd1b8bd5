"""Exercises: sound."""

import numpy as np

from .. import primitives as p
from .inputs import normal
from .judge import Exercise

on_paper = Exercise(
    "sound.1",
    answer=(3000.0, 4.0, 0.82),
    names="f, X_2, P",
    hint=("(a) take away 8,000, and forget the sign; (b) multiply by 1, -1, 1, -1; (c) write down the four "
          "paths of two steps: three of them collapse to a"),
    mistakes=[
        ((1000.0, 4.0, 0.82), "f: 5,000 is 1,000 above half the rate, and is mirrored there: 8,000 - 5,000"),
        ((5000.0, 4.0, 0.82), "f: above half of the rate nothing is heard as it is: (.1)"),
        ((4000.0, 4.0, 0.82), "f: a higher frequency is mirrored at half the rate, not stopped there"),
        ((-3000.0, 4.0, 0.82), "f: of the two signs the positive one is heard"),
        ((3.0, 4.0, 0.82), "f: in hertz, as 5,000 was given"),
        ((3000.0, 0.0, 0.82), "X_2: two turns in four samples are 1, -1, 1, -1; this is X_0 or X_1"),
        ((3000.0, 1.0, 0.82), "X_2: (.2) adds up all four products and divides by nothing"),
        ((3000.0, 2.0, 0.82), "X_2: all four products are 1, and (.2) divides by nothing"),
        ((3000.0, -4.0, 0.82), "X_2: the first product is 1 times 1: the sign is plus"),
        ((3000.0, 4.0, 0.28), "P: this is the path aa alone: a- and -a collapse to a as well"),
        ((3000.0, 4.0, 0.42), "P: this is the path -a alone: aa and a- collapse to a as well"),
        ((3000.0, 4.0, 0.4), "P: these are the paths that begin with a: -a says it as well"),
        ((3000.0, 4.0, 0.7), "P: these are the paths that end with a: a- says it as well"),
        ((3000.0, 4.0, 0.54), "P: aa collapses to a as well: repetitions count as one"),
        ((3000.0, 4.0, 0.18), "P: this is the path of two blanks, the only one that does not say a"),
        ((3000.0, 4.0, 1.1), "P: ways exclude each other, steps do not: multiply along a path first"),
        ((3000.0, 4.0, 0.198451), "P: this is the loss: the probability is asked for"),
        ((3000.0, 4.0, 0.82 / 2), "P: the probabilities of the paths are added, not averaged"),
    ],
)  # fmt: skip


def _heard(f, R):
    return float(abs(f - R * np.round(f / R)))


alias = Exercise(
    "sound.2",
    answer=_heard,
    cases=[(900.0, 8000.0), (20700.0, 8000.0), (5000.0, 8000.0), (8300.0, 8000.0), (2600.0, 1000.0)],
    arguments="f, R", batch=None,
    hint="take away the multiple of R that is nearest to f: what is left may be negative",
    mistakes=[
        (lambda f, R: f % R, "between R/2 and R it is mirrored once more: 5,000 of 8,000 is heard as 3,000"),
        (lambda f, R: f % (R / 2), "above R/2 it is mirrored, not begun again at 0: 5,000 is heard as 3,000"),
        (lambda f, R: min(f, R / 2), "it does not stop at R/2: it comes down again"),
        (lambda f, R: f if f <= R / 2 else abs(R - f), "above 3/2 R it goes round again: any multiple of R"),
        (lambda f, R: abs(R - f), "below R/2 nothing changes, and above 3/2 R it goes round again"),
        (lambda f, R: R - f if f > R / 2 else f, "above 3/2 R it goes round again: any multiple of R"),
        (lambda f, R: f - R * np.round(f / R), "the sign: a frequency is at least 0"),
        (lambda f, R: f, "above R/2 it is heard as another frequency: (.1)"),
    ],
)  # fmt: skip


def _hann(x, n, *, first=1, window=True, power=2, half=True, last=None, mean=False):
    w = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n) / (n if last is None else n - 1))
    k = np.outer(np.arange(n // 2 + 1 if half else n), np.arange(n))
    X = np.exp(-2j * np.pi * k / n) @ (x * (w if window else 1))
    size = np.abs(X) ** power
    return size / n if mean else size


spectrum = Exercise(
    "sound.3",
    answer=lambda x: _hann(x, len(x)),
    cases=[(normal(1, 16)[0],), (normal(2, 8)[0],)],
    arguments="x", batch=None,
    hint="the window has w_0 = 0 and w_{N/2} = 1; then (.2) for k = 0 to N/2, and the squared sizes",
    mistakes=[
        (lambda x: _hann(x, len(x), window=False), "this is without the window: multiply x by it first"),
        (lambda x: _hann(x, len(x), power=1), "these are the sizes: their SQUARES are asked for"),
        (lambda x: _hann(x, len(x), half=False), "N/2 + 1 numbers are enough: the others are their mirror"),
        (lambda x: _hann(x, len(x), last=1),
         "the window goes round in N samples: 2 pi n / N, not / (N - 1), which is np.hanning"),
        (lambda x: _hann(x, len(x), mean=True), "(.2) divides by nothing"),
        (lambda x: np.real(np.fft.rfft(x * _window(len(x)))) ** 2,
         "the size of a complex number: real AND imaginary part, squared and added"),
    ],
)  # fmt: skip


def _window(n):
    return 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n) / n)


def _collapse(path, blank=0, *, order="runs first", keep=False, twice=True):
    path = [int(c) for c in path]
    if order == "blanks first":
        path = [c for c in path if c != blank]
    runs = [c for t, c in enumerate(path) if not twice or t == 0 or c != path[t - 1]]
    return np.array([c for c in runs if keep or c != blank])


read = Exercise(
    "sound.4",
    answer=lambda path: _collapse(path),
    cases=[(np.array(c),) for c in ([1, 3, 3, 2, 1], [0, 3, 3, 0, 3, 1, 3, 0], [2, 2, 0, 0, 2], [0, 0])],
    arguments="path", batch=None,
    use=lambda f, path: np.asarray(list(f(path)), int),
    hint="first one of each run, then no blanks: 0 3 3 0 3 becomes 0 3 0 3, then 3 3",
    mistakes=[
        (lambda c: _collapse(c, order="blanks first"),
         "first repetitions, then blanks: the blank between two equal labels keeps them two"),
        (lambda c: _collapse(c, twice=False), "repetitions without a blank between them count as one"),
        (lambda c: _collapse(c, keep=True), "blanks say nothing: leave out the 0"),
        (lambda c: list(dict.fromkeys(v for v in c.tolist() if v)),
         "a label may come again: only those that follow each other are one"),
        (lambda c: sorted({v for v in c.tolist() if v}), "the order counts, and a label may come again"),
        (lambda c: [v for t, v in enumerate(c) if v != 0 and v != c[t - 1]],
         "at t = 0 path[t - 1] is the LAST one: nothing comes before the first"),
    ],
)  # fmt: skip


def _edits(a, b, *, swap=1, ways=3, share=False):
    d = np.zeros((len(a) + 1, len(b) + 1))
    d[:, 0], d[0] = np.arange(len(a) + 1), np.arange(len(b) + 1)
    for i in range(1, len(a) + 1):
        for j in range(1, len(b) + 1):
            change = d[i - 1, j - 1] + swap * (a[i - 1] != b[j - 1])
            d[i, j] = min((change, d[i - 1, j] + 1, d[i, j - 1] + 1)[:ways])
    return d[-1, -1] / len(b) if share else d[-1, -1]


def _cost_last(a, b):
    d = np.zeros((len(a) + 1, len(b) + 1))
    d[:, 0], d[0] = np.arange(len(a) + 1), np.arange(len(b) + 1)
    for i in range(1, len(a) + 1):
        for j in range(1, len(b) + 1):
            d[i, j] = min(d[i - 1, j], d[i, j - 1], d[i - 1, j - 1]) + (a[i - 1] != b[j - 1])
    return d[-1, -1]


def _placewise(a, b):
    return sum(x != y for x, y in zip(a, b, strict=False)) + abs(len(a) - len(b))


distance = Exercise(
    "sound.5",
    answer=_edits,
    cases=[([5, 2], [5, 2, 5, 5, 1, 2, 3]), ([4, 5, 1, 3, 5, 4], [4, 4, 5, 1, 3]),
           ([1, 2, 3, 4], [2, 3, 4, 5]), ([5], [2, 5, 5]), ([7, 3, 1, 1], [3, 1, 4]), ([], [4, 4])],
    arguments="a, b", batch=None,
    hint="d[i, j] for the first i of a and j of b: the least of three ways; d[i, 0] = i and d[0, j] = j",
    mistakes=[
        (_placewise, "this compares place by place: one left out at the front makes all wrong"),
        (lambda a, b: _edits(a, b, swap=2), "changing one digit into another is ONE edit"),
        (lambda a, b: _edits(a, b, share=True), "the number of edits, not yet divided by the length"),
        (lambda a, b: abs(len(a) - len(b)), "the lengths alone do not tell: equal digits must be matched"),
        (lambda a, b: len(set(a) ^ set(b)), "order and repetitions count, too"),
        (lambda a, b: _edits(a, b) - 1, "one too few: d begins with row and column 0, for no digits"),
        (lambda a, b: _edits(a, b) + 1, "one too many: equal digits cost nothing"),
        (_cost_last, "inserting or leaving out costs 1 always; only a change is free between equals"),
        (lambda a, b: _edits(a, b, ways=2), "a way is missing: d[i, j - 1] + 1, a digit of b inserted"),
        (lambda a, b: _edits(b, a, ways=2), "a way is missing: d[i - 1, j] + 1, one of a left out"),
    ],
)  # fmt: skip


def _row(y):
    return np.array([0, *(c for label in y for c in (int(label), 0))])


def _alpha(q, y, *, jump="right", start=2):
    s = _row(y)
    alpha = np.zeros((len(q), len(s)))
    alpha[0, :start] = q[0, s[:start]]
    for t in range(1, len(q)):
        for j, c in enumerate(s):
            come = alpha[t - 1, max(j - 1, 0) : j + 1].sum()
            differ = {"right": c != 0 and j > 1 and c != s[j - 2], "never": False,
                      "always": j > 1, "equal too": j > 1 and c != 0}[jump]  # fmt: skip
            if differ:
                come += alpha[t - 1, j - 2]
            alpha[t, j] = q[t, c] * come
    return alpha


def _beta(q, y):
    """Of all endings after t from state j."""
    s = _row(y)
    beta = np.zeros((len(q), len(s)))
    beta[-1, -2:] = 1
    for t in range(len(q) - 2, -1, -1):
        for j in range(len(s)):
            for k in range(j, min(j + 3, len(s))):
                if k < j + 2 or (s[k] != 0 and s[k] != s[j]):
                    beta[t, j] += q[t + 1, s[k]] * beta[t + 1, k]
    return beta


def _gamma(q, y, *, whole=True, last=False):
    s = _row(y)
    both = _alpha(q, y) * _beta(q, y)
    gamma = np.zeros_like(q)
    for j, c in enumerate(s):
        gamma[:, c] = both[:, j] if last else gamma[:, c] + both[:, j]
    return gamma / both[0].sum() if whole else gamma


_SPOKEN = [(p.softmax(normal(k, (T, 4))[0])[0], np.array(y)) for k, T, y in (
    (3, 4, [2, 1]), (4, 6, [1, 1, 3]), (5, 5, [3]))]  # fmt: skip

states = Exercise(
    "sound.6",
    answer=_row,
    cases=[(np.array(y),) for y in ([4, 4], [1, 2, 3], [5])],
    arguments="y", batch=None,
    use=lambda f, y: np.asarray(f(y)),
    hint="for one label: 0, label, 0; for S labels 2 S + 1 numbers",
    mistakes=[
        (lambda y: np.r_[[v for c in y for v in (0, c)]], "a blank stands after the last label, too"),
        (lambda y: np.r_[[v for c in y for v in (c, 0)]], "a blank stands before the first label, too"),
        (lambda y: np.r_[[v for c in y for v in (c, 0)]][:-1], "blanks stand before and after as well"),
        (lambda y: np.r_[0, y, 0], "a blank stands between any two labels, too"),
        (lambda y: np.r_[[v for c in y for v in (0, c, 0)]], "between two labels stands ONE blank"),
    ],
)  # fmt: skip

total = Exercise(
    "sound.6",
    answer=lambda q, y: _alpha(q, y)[-1, -2:].sum(),
    cases=_SPOKEN,
    names="P", arguments="p, y", batch=None,
    hint="for p of By hand and y = [1], P is 0.8, and the table of alpha stands there",
    mistakes=[
        (lambda q, y: _alpha(q, y)[-1, -1], "the path may end on the last LABEL as well: two states"),
        (lambda q, y: _alpha(q, y)[-1, -2], "the path may end on the last BLANK as well: two states"),
        (lambda q, y: _alpha(q, y)[-1].sum(), "only the last two states have said all of y"),
        (lambda q, y: _alpha(q, y, jump="never")[-1, -2:].sum(),
         "a blank between two labels that differ may be left out: alpha_{t-1}(j-2)"),
        (lambda q, y: _alpha(q, y, jump="equal too")[-1, -2:].sum(),
         "between EQUAL labels the blank may not be left out: they would collapse to one"),
        (lambda q, y: _alpha(q, y, jump="always")[-1, -2:].sum(),
         "a LABEL may not be left out: j-2 only where s_j is no blank"),
        (lambda q, y: _alpha(q, y, start=1)[-1, -2:].sum(),
         "a path may begin with the first label at once: alpha_1(2) = p_1(y_1)"),
        (lambda q, y: -np.log(_alpha(q, y)[-1, -2:].sum()), "this is the loss: the probability is asked for"),
    ],
)  # fmt: skip

ctc = Exercise(
    "sound.6",
    answer=lambda q, y: q - _gamma(q, y),
    cases=_SPOKEN,
    names="dL/dz", arguments="p, y", batch=None,
    hint=("beta is the same recursion on p[::-1] and y[::-1], turned round, but without the factor p_t(s_j) "
          "that alpha has already; each row of gamma adds up to 1"),
    mistakes=[
        (lambda q, y: -_gamma(q, y), "this is the gradient by ln p: through the softmax it is p - gamma"),
        (lambda q, y: _gamma(q, y) - q, "the sign: p - gamma, (.10)"),
        (lambda q, y: _gamma(q, y), "this is gamma: the gradient is p - gamma, (.10)"),
        (lambda q, y: q - _gamma(q, y, whole=False), "divide alpha beta by P(y): rows of gamma add up to 1"),
        (lambda q, y: q - _gamma(q, y, last=True),
         "a class can stand at several states (the blank does): ADD their alpha beta"),
        (lambda q, y: q - _gamma(q, y) * q, "the factor p_t is in alpha already: it was taken twice"),
        (lambda q, y: (q - _gamma(q, y)) / len(y), "the loss itself, not divided by the number of labels"),
    ],
    steps={"states": states, "total": total},
)  # fmt: skip

EXERCISES = [on_paper, alias, spectrum, read, distance, ctc]
