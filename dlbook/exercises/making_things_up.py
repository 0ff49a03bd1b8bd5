"""Exercises: making things up."""

import numpy as np

from .. import primitives as p
from .inputs import normal
from .judge import Exercise


def _sigma(z):
    return p.sigmoid(z)[0]


def _value(data, made, d):
    return float(np.log(d) @ data + np.log(1 - d) @ made)


_DATA, _MADE = np.array([0.9, 0.1]), np.array([0.6, 0.4])
_BEST = _DATA / (_DATA + _MADE)

coin = Exercise(
    "making_things_up.1",
    answer=(0.6, 0.2, _value(_DATA, _MADE, _BEST)),
    names="D(heads), D(tails), V",
    tol=5e-3,
    hint="(.6) for heads and for tails first; then four logarithms, each weighted as in (.5)",
    mistakes=[
        ((0.4, 0.8, _value(_DATA, _MADE, 1 - _BEST)),
         "D is the probability that the coin is the DATA's: p / (p + q), (.6)"),
        ((0.9, 0.1, _value(_DATA, _MADE, _DATA)), "this is p alone: divide by p + q, (.6)"),
        ((0.6, 0.4, _value(_DATA, _MADE, np.array([0.6, 0.4]))),
         "for tails p is 0.1 and q is 0.4: 0.1 / 0.5"),
        ((0.6, 0.2, float(np.log(_BEST) @ _DATA)),
         "the second half of (.5) is missing: made things, with 1 - D"),
        ((0.6, 0.2, float(np.log(_BEST).sum() + np.log(1 - _BEST).sum())),
         "each logarithm counts with the probability of its side of the coin, (.5)"),
        ((0.6, 0.2, float(np.log(_BEST) @ _DATA + np.log(_BEST) @ _MADE)),
         "for what is made up it is ln(1 - D), (.5)"),
        ((0.6, 0.2, -_value(_DATA, _MADE, _BEST)), "V is a sum of logarithms of probabilities: below 0"),
        ((0.6, 0.2, _value(_DATA, _MADE, _BEST) / 2), "V is the sum of the two means, not half of it"),
        ((0.6, 0.2, _value(_DATA, _MADE, _BEST) / np.log(2)), "natural logarithms, not those to the base 2"),
        ((0.6, 0.2, -2 * np.log(2)), "this is V where both coins are alike, (.7): put in your two D"),
    ],
)  # fmt: skip


def _kl(mu, log_var, *, half=0.5, one=1.0, log=1.0, over=1):
    return half * np.sum(mu**2 + np.exp(log_var) - one - log * log_var, axis=over)


def _codes(seed, *shape):
    mu, log_var = normal(seed, shape, shape)
    return mu, log_var - 0.5


kl = Exercise(
    "making_things_up.2",
    answer=_kl,
    cases=[_codes(1, 3, 2), _codes(2, 4, 5)],
    names="KL",
    arguments="mu, log_var",
    hint="mu = 0 and log_var = 0 must give 0; then only mu = 1: one half for each; then (.3) term by term",
    mistakes=[
        (lambda mu, log_var: _kl(mu, log_var, half=1.0), "the half is missing, (.3)"),
        (lambda mu, log_var: _kl(mu, log_var, one=0.0), "for mu = 0 and log_var = 0 it must be 0: minus 1"),
        (lambda mu, log_var: _kl(mu, log_var, log=0.0), "ln sigma^2 is missing: it is log_var itself"),
        (lambda mu, log_var: _kl(mu, log_var, log=-1.0), "the logarithm is SUBTRACTED: - log_var"),
        (lambda mu, log_var: _kl(mu, log_var, log=0.5), "ln sigma^2 is log_var: no further half"),
        (lambda mu, log_var: _kl(mu, log_var, over=None), "one number for each example: add up along axis 1"),
        (lambda mu, log_var: _kl(mu, log_var, over=0), "add up along the code, axis 1, not over the batch"),
        (lambda mu, log_var: np.mean(_kl(mu, log_var)), "one number for each example, not their mean"),
        (lambda mu, log_var: _kl(mu, log_var) / mu.shape[1],
         "the parts of a code add up: a sum along axis 1, no mean"),
        (lambda mu, log_var: _kl(mu, log_var) - 0.5 * np.sum(np.exp(log_var) - np.exp(log_var / 2), 1),
         "sigma^2 is exp(log_var), and exp(log_var / 2) is sigma"),
        (lambda mu, log_var: _kl(mu, log_var) - 0.5 * np.sum(np.exp(log_var) - log_var, 1),
         "sigma^2 is exp(log_var): log_var is its logarithm"),
        (lambda mu, log_var: -_kl(mu, log_var), "the sign: a KL divergence is never below 0"),
        (lambda mu, log_var: _kl(mu, log_var) - 0.5 * np.sum(mu**2 - mu, 1), "mu is squared, (.3)"),
        (lambda mu, log_var: _kl(mu, log_var) - 0.5 * np.sum(mu**2, 1), "mu^2 is missing, (.3)"),
    ],
)  # fmt: skip


def _drawn(dz, log_var, e, *, half=0.5, root=2):
    return dz, half * dz * e * np.exp(log_var / root)


drawn = Exercise(
    "making_things_up.3",
    answer=_drawn,
    cases=[normal(3, (2, 3), (2, 3), (2, 3)), normal(4, (5, 2), (5, 2), (5, 2))],
    names="dmu, dlog_var",
    arguments="dz, log_var, e",
    hint="z = mu + sigma e: dz/dmu and dz/dsigma first, and sigma = exp(log_var / 2) has a slope of its own",
    mistakes=[
        (lambda dz, log_var, e: (dz, dz * e),
         "this is the gradient of sigma: go on to log_var, sigma = exp(log_var / 2)"),
        (lambda dz, log_var, e: _drawn(dz, log_var, e, half=1.0),
         "the slope of exp(log_var / 2) has a factor 1/2"),
        (lambda dz, log_var, e: _drawn(dz, log_var, e, root=1),
         "exp(log_var) is the VARIANCE: sigma = exp(log_var / 2)"),
        (lambda dz, log_var, e: _drawn(dz, log_var, e, root=1, half=1.0),
         "exp(log_var) is the VARIANCE: sigma = exp(log_var / 2)"),
        (lambda dz, log_var, e: (dz, 0.5 * dz * np.exp(log_var / 2)), "e is missing: z = mu + sigma e"),
        (lambda dz, log_var, e: (dz, 0.5 * e * np.exp(log_var / 2)), "times what comes back, dz"),
        (lambda dz, log_var, e: (dz * e, _drawn(dz, log_var, e)[1]), "z grows as fast as mu: dmu = dz"),
        (lambda dz, log_var, e: (np.ones_like(dz), _drawn(dz, log_var, e)[1]), "dmu is what comes back, dz"),
        (lambda dz, log_var, e: _drawn(dz, log_var, e)[::-1], "first dmu, then dlog_var"),
        (lambda dz, log_var, e: (dz, dz * (np.exp(log_var) - 1) / 2),
         "this has the slope of the KL: here is only z"),
    ],
)  # fmt: skip


def _generator(s, *, mean=True):
    n = len(s) if mean else 1
    return -_sigma(s) / n, -_sigma(-s) / n


generator = Exercise(
    "making_things_up.4",
    answer=_generator,
    cases=[(np.array([-4.0, 0.0, 1.5]),), (np.array([-800.0, -2.0, 0.3, 30.0, 900.0]),)],
    names="saturating, other",
    arguments="logits",
    hint="one logit, 0: both slopes are -1/2; then (.8), and the mean over the batch",
    mistakes=[
        (lambda s: _generator(s)[::-1],
         "the saturating one first: it is the one that vanishes where the logits are low"),
        (lambda s: _generator(s, mean=False), "the loss is a MEAN over the batch: divide by N"),
        (lambda s: tuple(-g for g in _generator(s)), "the sign: both losses FALL when a logit rises"),
        (lambda s: (-_generator(s)[0], _generator(s)[1]),
         "the first loss is ln(1 - D), without a minus: it falls when a logit rises"),
        (lambda s: (_generator(s)[0], -_generator(s)[1]),
         "the second loss is -ln D: it falls when a logit rises"),
        (lambda s: (-1 / (1 - _sigma(s)) / len(s), -1 / _sigma(s) / len(s)),
         "these are slopes by D: go on to the logits: D has the slope D (1 - D)"),
        (lambda s: (-_sigma(s) * _sigma(-s) / len(s),) * 2,
         "this is the slope of D: the logarithm has one too"),
        (lambda s: (np.mean(np.log(_sigma(-s))), -np.mean(np.log(_sigma(s)))),
         "these are the losses: asked are their gradients, one number for each logit"),
        (lambda s: tuple(g.sum() for g in _generator(s)), "one number for each logit, no sum"),
    ],
)  # fmt: skip


def _distances(a, b):
    return np.sqrt(((a[:, None] - b) ** 2).sum(-1))


def _coverage(real, made, k, *, itself=True, turned=False, own=None):
    if turned:
        real, made = made, real
    around = _distances(real, real if own is None else own)
    if itself:
        np.fill_diagonal(around, np.inf)
    radius = np.sort(around, axis=1)[:, k - 1]
    return np.mean(_distances(real, made).min(axis=1) < radius)


def _coverage_case(seed, n, m, k):
    real, made = normal(seed, (n, 2), (m, 2))
    return real, 0.4 * made + 0.7, k


coverage = Exercise(
    "making_things_up.5",
    answer=_coverage,
    cases=[_coverage_case(5, 14, 6, 3), _coverage_case(6, 25, 9, 4)],
    names="share",
    arguments="real, made, k",
    batch=None,
    hint=("three points on a line, by hand: the distances among the real ones without the zeros of each to "
          "itself; the k-th smallest is the radius; then ask who has a made one inside"),
    mistakes=[
        (lambda r, m, k: _coverage(r, m, k, itself=False),
         "the nearest real one to each is itself, at distance 0: leave it out"),
        (lambda r, m, k: _coverage(r, m, k, turned=True),
         "ask for every REAL one whether a made one is near, not the other way round"),
        (lambda r, m, k: _coverage(r, m, k + 1),
         "the k-th nearest other is at place k - 1 of the sorted distances"),
        (lambda r, m, k: _coverage(r, m, 1), "this takes the nearest neighbour: take the k-th"),
        (lambda r, m, k: np.mean((_distances(m, r) < _radius(r, k)).any(axis=1)),
         "this is the share of made ones that lie near a real one (precision): ask for every REAL one"),
        (lambda r, m, k: 1 - _coverage(r, m, k), "this is the share that is NOT covered"),
        (lambda r, m, k: _coverage(r, m, k) * len(r), "a share: divide by the number of real ones"),
        (lambda r, m, k: np.mean((_distances(r, m) < _radius(r, k)[:, None]).sum(axis=1)),
         "one made one inside is enough: do not count them (that is the density)"),
    ],
)  # fmt: skip


def _radius(real, k):
    around = _distances(real, real)
    np.fill_diagonal(around, np.inf)
    return np.sort(around, axis=1)[:, k - 1]


def _one(a):
    return 1.0


def _back(x, eps, a, b, s, new, *, root=np.sqrt, signal=np.sqrt, taken=1.0, keep=1.0, fresh=1.0):
    guess = (x - np.sqrt(1 - a) * eps) / root(a)
    return signal(b) * guess + keep * np.sqrt(1 - b - taken * s**2) * eps + fresh * s * new


def _back_case(seed, a, b, s, *shape):
    x, eps, new = normal(seed, *[shape] * 3)
    return x, eps, a, b, s, new


back = Exercise(
    "making_things_up.6",
    answer=_back,
    cases=[_back_case(7, 0.3, 0.5, 0.4, 2, 3), _back_case(8, 0.6, 0.9, 0.0, 4, 2)],
    names="x",
    arguments="x, eps, a, b, s, new",
    hint=("the guess at x_0 first, (.9) solved for it; with a = b and s = 0 the step must leave x as it "
          "is; (.10)"),
    mistakes=[
        (lambda x, eps, a, b, s, new: (x - np.sqrt(1 - a) * eps) / np.sqrt(a),
         "this is the guess at x_0: mix it again, with less noise, (.10)"),
        (lambda *args: _back(*args, taken=0.0),
         "the fresh noise takes the place of a part of the old: sqrt(1 - b - s^2)"),
        (lambda *args: _back(*args, fresh=0.0), "the fresh noise is missing: + s new"),
        (lambda *args: _back(*args, taken=0.0, fresh=0.0),
         "s is missing: fresh noise of that size, and as much less of the old"),
        (lambda *args: _back(*args, keep=0.0),
         "the noise that is kept is missing: sqrt(1 - b - s^2) eps"),
        (lambda *args: _back(*args, root=_one), "the guess at x_0 is divided by sqrt(a), (.9)"),
        (lambda *args: _back(*args, root=float), "the guess at x_0 is divided by sqrt(a), (.9)"),
        (lambda *args: _back(*args, signal=float),
         "b is a share of the variance: sqrt(b) multiplies the signal"),
        (lambda *args: _back(*args, signal=_one), "b is forgotten: sqrt(b) times the guess at x_0"),
        (lambda x, eps, a, b, s, new: _back(x, eps, b, a, s, new),
         "a and b have changed places: a belongs to x, b to what is made of it"),
        (lambda x, eps, a, b, s, new: _back(x, eps, a, b, s, 0 * x) + s * eps
         + np.sqrt(1 - b - s**2) * (new - eps), "s is the size of the FRESH noise"),
        (lambda x, eps, a, b, s, new: _back(x, eps, a, b, s, new)
         + np.sqrt(b / a) * (np.sqrt(1 - a) - 1 + a) * eps, "the noise in x has the size sqrt(1 - a), (.9)"),
        (lambda x, eps, a, b, s, new: np.sqrt(b) * x + np.sqrt(1 - b - s**2) * eps + s * new,
         "mix the guess at x_0 again, not x itself"),
    ],
)  # fmt: skip


def _guess(x, a, points, *, width=1.0, scale=True, power=2, normalise=True):
    c = np.sqrt(a) if scale else 1.0
    far = _distances(x, c * points) ** power / (2 * (1 - a) * width)
    w = np.exp(far.min(axis=1, keepdims=True) - far)
    return w @ points / (w.sum(axis=1, keepdims=True) if normalise else 1.0)


def _nearest(x, a, points):
    return points[_distances(x, np.sqrt(a) * points).argmin(axis=1)]


_POINTS = normal(9, (6, 2))[0]
_CLOUD = normal(10, (4, 2))[0]

guess = Exercise(
    "making_things_up.7",
    answer=_guess,
    cases=[(_CLOUD, 0.4, _POINTS), (0.1 * _CLOUD, 0.001, _POINTS), (_CLOUD, 0.999, _POINTS)],
    names="guess",
    arguments="x, a, points",
    hint=("how likely is x if x_0 was this point? A Gaussian around sqrt(a) times it, variance 1 - a; "
          "the weights of all points add up to 1"),
    mistakes=[
        (lambda x, a, q: _guess(x, a, q, scale=False), "x lies around sqrt(a) times a point, (.9)"),
        (lambda x, a, q: _guess(x, a, q, width=0.5), "a Gaussian has 2 (variance) below its square"),
        (lambda x, a, q: _guess(x, a, q, width=1 / (1 - a)), "the variance of the noise in x is 1 - a"),
        (lambda x, a, q: _guess(x, a, q, width=1 / np.sqrt(1 - a)),
         "1 - a is the variance already: no root, no square"),
        (lambda x, a, q: _guess(x, a, q, width=1 - a), "1 - a is the variance already: no root, no square"),
        (lambda x, a, q: _guess(x, a, q, power=1), "the SQUARED distance stands in a Gaussian"),
        (_nearest, "this is the nearest point: the best guess is a weighted mean of all of them"),
        (lambda x, a, q: np.broadcast_to(q.mean(axis=0), x.shape),
         "this is the mean of all points: weigh them by how likely they make x"),
    ],
)  # fmt: skip


def _walk(x, points, bars, *, last=True, again=True):
    for a, b in zip(bars, bars[1:] if last else bars[1:-1], strict=False):
        x0 = _guess(x, a, points)
        eps = (x - np.sqrt(a) * x0) / np.sqrt(1 - a)
        x = np.sqrt(b) * x0 + (np.sqrt(1 - b) * eps if again else 0)
    return x


_BARS = np.cos(np.linspace(0.98, 0, 9) * np.pi / 2) ** 2

walk = Exercise(
    "making_things_up.7",
    answer=_walk,
    cases=[(_CLOUD, _POINTS, _BARS), (2 * _CLOUD, _POINTS[:3], _BARS[::2])],
    names="x",
    arguments="x, points, bars",
    hint="two entries of bars, one step: the guess, the noise that it leaves, and (.10) with s = 0",
    mistakes=[
        (lambda x, points, bars: _walk(x, points, bars, last=False),
         "the last step is missing: down to the last entry of bars, where no noise is left"),
        (lambda x, points, bars: _walk(x, points, bars, again=False),
         "the noise that is kept is missing: sqrt(1 - b) eps"),
        (lambda x, points, bars: _guess(x, bars[0], points),
         "this is one step, and its guess: go through all of bars"),
        (lambda x, points, bars: _walk(x, points, bars[:2]),
         "this is the first step: go through all of bars"),
        (lambda x, points, bars: _walk(x, points, bars[::-1][1:][::-1]),
         "the last step is missing: down to the last entry of bars, where no noise is left"),
    ],
    steps={"guess": guess},
)  # fmt: skip

EXERCISES = [coin, kl, drawn, generator, coverage, back, walk]
