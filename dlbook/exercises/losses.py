"""Exercises: losses."""

import numpy as np

from .. import primitives as p
from .inputs import normal
from .judge import Exercise

_GIVEN = np.log([0.8, 0.8, 0.9])

forecaster = Exercise(
    "losses.1",
    answer=-_GIVEN.mean(),
    names="loss",
    tol=0.004,
    hint=("write down three logarithms, one a day: of the probability that C gave to what happened; "
          "then compare with (.3)"),
    mistakes=[
        (-np.log(np.mean([0.8, 0.8, 0.9])),
         "the mean is taken of the logarithms, not of the probabilities"),
        (0.18, "three decimals, please: 0.18 could be right by accident"),
        (0.183, "nearly: round at the end, not in between, and do not just cut off the fourth decimal"),
        (-np.log2([0.8, 0.8, 0.9]).mean(), "take natural logarithms"),
        (-np.log([0.8, 0.8]).mean(), "the dry third day counts as well, with 1 - 0.1"),
        (-np.log([0.8, 0.8, 0.1]).mean(),
         "on the third day it stayed dry: C gave 1 - 0.1 to that"),
        (-2 * np.log(0.8) / 3, "the dry third day counts as well, with 1 - 0.1"),
        (-_GIVEN.sum(), "this is the sum: take the mean over the three days"),
        (_GIVEN.mean(), "the sign: a loss is MINUS the logarithm"),
        (np.exp(_GIVEN.sum()), "this is the likelihood: take minus its logarithm, divided by 3"),
        (-np.log10([0.8, 0.8, 0.9]).mean(), "take natural logarithms"),
    ],
)  # fmt: skip


def _logits(seed, N, C, scale):
    return (np.random.default_rng(seed).normal(0, scale, (N, C)),)


def _logsumexp(z, m):
    with np.errstate(all="ignore"):
        return m + np.log(np.exp(z - np.reshape(m, (-1, 1))).sum(axis=1))


log_sum_exp = Exercise(
    "losses.2",
    answer=lambda z: _logsumexp(z, z.max(axis=1)),
    cases=[_logits(1, 5, 3, 2.0), _logits(2, 6, 4, 2000.0)],
    names="result",
    arguments="z",
    hint="try the rows (0, 0), where ln 2 comes out, and (1000, 1000); then compare with (.7)",
    mistakes=[
        (lambda z: _logsumexp(z, 0.0),
         "e**z overflows for large logits: subtract the largest of each row first, (.7)"),
        (lambda z: _logsumexp(z, z.max(axis=1)) - z.max(axis=1),
         "the m that you took out has to be added again"),
        (lambda z: np.exp(z - z.max(axis=1, keepdims=True)).sum(axis=1) + z.max(axis=1),
         "the logarithm of the sum is missing"),
        (lambda z: _logsumexp(z, z.max()),
         "take the maximum of each row: the largest of the whole batch makes other rows underflow"),
        (lambda z: np.log(np.exp(z - z.max(axis=1, keepdims=True)).sum(axis=0)) + z.max(axis=0),
         "sum over the classes, axis=1, not over the examples"),
    ],
)  # fmt: skip


def _binary(seed, N, scale):
    rng = np.random.default_rng(seed)
    return rng.normal(0, scale, N), rng.integers(0, 2, N).astype(float)


def _naive_bce(z, y):
    with np.errstate(all="ignore"):
        q = 1 / (1 + np.exp(-z))
        return -np.mean(y * np.log(q) + (1 - y) * np.log(1 - q))


def _clipped_bce(z, y):
    q = np.clip(p.sigmoid(z)[0], 1e-12, 1 - 1e-12)
    return -np.mean(y * np.log(q) + (1 - y) * np.log(1 - q))


def _padded_bce(z, y):
    q = p.sigmoid(z)[0]
    return -np.mean(y * np.log(q + 1e-8) + (1 - y) * np.log(1 - q + 1e-8))


bce = Exercise(
    "losses.3",
    answer=lambda z, y: p.binary_cross_entropy_with_logits(z, y)[0],
    cases=[_binary(3, 8, 2.0), _binary(4, 6, 10_000.0)],
    names="loss",
    arguments="z, y",
    hint=("try z = 0, where the loss is ln 2 for either y, and z = 10 with y = 1, where it is nearly "
          "0; then compare with (.3) and the identity"),
    mistakes=[
        (_clipped_bce,
         "clipping p caps the loss: for large logits compute from z, without forming p"),
        (_naive_bce,
         "for large logits p rounds to 0 or 1 and its logarithm is infinite: use the question's identity"),
        (_padded_bce,
         "adding a little inside the logarithm only hides the infinity: use the question's identity"),
        (lambda z, y: np.mean(p.softplus(z)[0]), "the part - y z is missing"),
        (lambda z, y: np.sum(p.softplus(z)[0] - y * z), "this is the sum: take the mean"),
        (lambda z, y: np.mean(p.softplus(-z)[0] - y * z), "the exponent is z as it is, not -z: ln(1 + e^z)"),
        (lambda z, y: np.mean(p.softplus(z)[0] + y * z), "the sign of y z: softplus(z) MINUS y z"),
        (lambda z, y: np.mean(p.softplus(-z)[0] + y * z), "yes and no are swapped"),
    ],
)  # fmt: skip


def _overflowing_gradient(z, y):
    with np.errstate(all="ignore"):
        return (np.exp(z) / (1 + np.exp(z)) - y) / len(z)


def _gradient(z, y):
    return p.binary_cross_entropy_with_logits(z, y)[1](1.0)[0]


bce_gradient = Exercise(
    "losses.4",
    answer=_gradient,
    cases=[_binary(5, 8, 2.0), _binary(6, 5, 3.0), _binary(7, 6, 20_000.0)],
    names="gradient",
    arguments="z, y",
    hint="compare with a nudge of z[0] in your own bce_with_logits, then with (.5)",
    mistakes=[
        (lambda z, y: len(z) * _gradient(z, y),
         "gradient is N times too large: the loss is a mean, did you divide by the batch size?"),
        (lambda z, y: -_gradient(z, y), "gradient has the wrong sign: prediction MINUS target"),
        (lambda z, y: (z - y) / len(z), "the prediction is p = sigmoid(z), not the logit"),
        (lambda z, y: _gradient(z, y) * p.sigmoid(z)[0] * (1 - p.sigmoid(z)[0]),
         "the slope of the sigmoid has already cancelled in (.5)"),
        (_overflowing_gradient,
         "e**z overflows for large logits, and inf/inf is not a number: 1 / (1 + e**-z) does not"),
        (lambda z, y: 2 * _gradient(z, y), "twice too large: no square here, so no factor 2"),
    ],
)  # fmt: skip


def _classes(seed, N, C):
    return np.random.default_rng(seed).integers(0, C, N), C, 0.1


def _smooth(y, C, right, other):
    return other + (right - other) * np.eye(C)[y]


doubt = Exercise(
    "losses.5",
    answer=lambda y, C, e: (1 - e) * np.eye(C)[y] + e / C,
    cases=[_classes(7, 6, 4), _classes(8, 5, 10)],
    names="targets",
    arguments="y, C, epsilon",
    hint="take C = 4 and epsilon = 0.4 and write one row on paper: it adds up to 1",
    mistakes=[
        (lambda y, C, e: _smooth(y, C, 1 - e, e / (C - 1)),
         "epsilon is spread over ALL classes, the right one included: e / C each"),
        (lambda y, C, e: _smooth(y, C, 1 - e, e / C),
         "the rows do not add up to 1: the right class gets its e / C as well"),
        (lambda y, C, e: _smooth(y, C, 1, e), "e is shared by the C classes: add e / C each"),
        (lambda y, C, e: _smooth(y, C, 1 - e, e), "e is shared by the C classes: e / C each"),
        (lambda y, C, e: np.eye(C)[y] + e / C, "the rows add up to more than 1: take (1 - e) one-hot"),
    ],
)  # fmt: skip


def _overconfident(seed, N, C, sharper):
    rng = np.random.default_rng(seed)
    z = rng.normal(0, 2, (N, C))
    labels = (z + rng.gumbel(size=z.shape)).argmax(
        axis=1
    )  # drawn with the probabilities softmax(z)
    return sharper * z, labels


def _narrowed(f, low, high):
    a, b = low + (high - low) / 3, high - (high - low) / 3
    return (low, b) if f(a) < f(b) else (a, high)


def _best(z, y):
    low, high = 0.2, 5.0  # of 1/T
    while high - low > 1e-6:
        low, high = _narrowed(lambda u: p.cross_entropy(u * z, y)[0], low, high)
    return 1 / low


def _bowl(lowest):
    return lambda x: (x - lowest) ** 2


def _loss_at(T, z, y):
    return p.cross_entropy(z / T, y)[0]


loss_at = Exercise(
    "losses.6",
    answer=_loss_at,
    cases=[(2.0, *_overconfident(11, 6, 4, 2.0)), (0.5, *_overconfident(12, 5, 3, 0.6))],
    names="loss",
    arguments="T, z, y",
    batch=1,
    hint="at T = 1 it is (.4) with the softmax of z",
    mistakes=[
        (lambda T, z, y: _loss_at(1 / T, z, y), "the logits are DIVIDED by the temperature"),
        (lambda T, z, y: len(y) * _loss_at(T, z, y), "this is the sum: take the mean"),
    ],
)

third = Exercise(
    "losses.6",
    answer=_narrowed,
    cases=[(_bowl(0.3), 0.0, 3.0), (_bowl(2.5), 0.0, 3.0), (_bowl(1.2), 1.0, 1.6)],
    names="low, high",
    arguments="f, low, high",
    batch=None,
    hint="draw a bowl from 0 to 3 that is smaller at 1 than at 2: which third holds no minimum?",
    mistakes=[
        (
            lambda f, low, high: _narrowed(lambda x: -f(x), low, high),
            "you threw away the third with the minimum: where f is larger, there it is not",
        ),
        (lambda f, low, high: _narrowed(f, *_narrowed(f, low, high)), "one step only"),
    ],
)

temperature = Exercise(
    "losses.6",
    answer=_best,
    cases=[_overconfident(9, 300, 4, 2.0), _overconfident(10, 300, 3, 0.6)],
    names="T",
    arguments="z, y",
    tol=0.006,
    steps={"loss": loss_at, "third": third},
    hint=(
        "print the loss at T = 0.5, 1, 2 and 4: the least of them must lie near your answer; then "
        "look at how the interval shrinks"
    ),
    mistakes=[
        (lambda z, y: 1 / _best(z, y), "this is 1/T: the logits are DIVIDED by the temperature"),
        (lambda z, y: 1.0, "T = 1 changes nothing: search for the least cross-entropy"),
        (lambda z, y: 5.0, "you found the end of the interval: is it the LEAST cross-entropy?"),
        (lambda z, y: 0.2, "the sharpest T maximises confidence, not the likelihood of the labels"),
    ],
)


def _softmax_back(z, dp):
    return p.softmax(z)[1](dp)[0]


through_softmax = Exercise(
    "losses.7",
    answer=_softmax_back,
    cases=[normal(5, (4, 4), (4, 4)), normal(6, (6, 3), (6, 3))],
    names="dz",
    arguments="z, dp",
    hint=("take one example and two classes and follow (.9) term by term; each row of dz must add up "
          "to 0"),
    mistakes=[
        (lambda z, dp: dp * p.softmax(z)[0],
         "the sum is missing: (.9) subtracts it from dp inside the bracket"),
        (lambda z, dp: 2 * dp * p.softmax(z)[0] - _softmax_back(z, dp),
         "the sign: the sum in (.9) is SUBTRACTED from dp"),
        (lambda z, dp: p.softmax(z)[0] * (dp - np.mean(dp * p.softmax(z)[0], axis=1, keepdims=True)),
         "take the sum over the classes, not the mean: p adds up to 1 already"),
        (lambda z, dp: dp * p.softmax(z)[0] * (1 - p.softmax(z)[0]),
         "this is the diagonal of (.8) alone: each logit also moves the other probabilities"),
        (lambda z, dp: p.softmax(z)[0] * (dp - np.sum(dp * p.softmax(z)[0])),
         "the sum runs over the whole batch: one sum per row, axis=1 with keepdims"),
        (lambda z, dp: (a := p.softmax(z, axis=0)[0]) * (dp - (a * dp).sum(axis=1, keepdims=True)),
         "the softmax runs over the examples: it belongs over the classes, axis=1"),
        (lambda z, dp: p.softmax(z, axis=0)[1](dp)[0],
         "the softmax runs over the examples: it belongs over the classes, axis=1"),
        (lambda z, dp: p.softmax(z)[0] * (dp - dp.sum(axis=1, keepdims=True)),
         "the sum in (.9) is of dp times p"),
        (lambda z, dp: dp - np.sum(dp * p.softmax(z)[0], axis=1, keepdims=True),
         "the factor p in front of the bracket is missing"),
        (lambda z, dp: p.softmax(z)[0] * (dp - np.sum(dp * p.softmax(z)[0], axis=1)),
         "each row needs its own sum: keepdims=True, or the sums are laid along the classes"),
        (lambda z, dp: p.softmax(z)[0] * (dp - np.sum(dp * p.softmax(z)[0], axis=0)),
         "sum over the classes of each example, axis=1 with keepdims, not over the examples"),
    ],
)  # fmt: skip


EXERCISES = [forecaster, log_sum_exp, bce, bce_gradient, doubt, temperature, through_softmax]
