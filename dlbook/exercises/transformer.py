"""Exercises: the Transformer."""

import numpy as np

from .. import primitives as p
from .inputs import normal
from .judge import Exercise

_D, _M = 32, 128
_WEIGHTS = 4 * _D * _D + 2 * _D * _M  # of the linear maps, without biases
_BIASES, _NORMS = 4 * _D + _M + _D, 4 * _D

parameters = Exercise(
    "transformer.1",
    answer=_WEIGHTS + _BIASES + _NORMS,
    names="parameters",
    tol=1e-9,
    hint=("count a single d to d map with its bias, then say how many such maps attention has; then "
          "the small network; then the normalisations"),
    mistakes=[
        (_WEIGHTS, "these are the weights of the linear maps: biases and normalisations are missing"),
        (_WEIGHTS + _BIASES, "the normalisations have a factor and a shift for each number, twice"),
        (_WEIGHTS + _NORMS, "the biases are missing: one for each output of a linear map"),
        (_WEIGHTS + _BIASES + _NORMS // 2, "there are two normalisations"),
        (_WEIGHTS - _D * _D + _BIASES - _D + _NORMS,
         "attention has four maps: queries, keys, values, and the one that mixes the heads"),
        (_WEIGHTS + 9 * _D * _D + _BIASES + 9 * _D + _NORMS,
         "the heads share d numbers among them: no factor 4 for queries, keys and values"),
        (_WEIGHTS - _D * _M + _BIASES - _D + _NORMS, "the small network has two layers: d to m, m to d"),
    ],
)  # fmt: skip

length = Exercise(
    "transformer.2",
    answer=3072.0,
    names="T",
    tol=1e-9,
    hint="set (.3) equal to (.2) and divide by what both have in common",
    mistakes=[
        (512.0, "2 T T d against 4 T d d + 2 T d m: divide both by 2 T d"),
        (2048.0, "this is m: the maps of attention cost something as well, 4 T d d"),
        (1024.0, "this is 2 d: the small network costs something as well, 2 T d m"),
        (6144.0, "looking back has two products: the scores and the averages"),
        (2560.0, "attention has four maps, 4 T d d"),
        (1536.0, "half of it: (.3) has a factor 2, and so have both parts of (.2)"),
    ],
)


def _norm(x):
    return (x - x.mean(axis=1, keepdims=True)) / x.std(axis=1, keepdims=True)


def _block(x, attention, mlp, norm1, norm2, *, after=False, shortcuts=(1, 1), raw=False):
    if after:
        x = norm1(x + attention(x))
        return norm2(x + mlp(x))
    y = shortcuts[0] * x + attention(norm1(x))
    return shortcuts[1] * y + mlp(norm2(x if raw else y))


def _before(x):
    return np.tril(np.ones((len(x), len(x)))) @ x


def _bend(x):
    return np.maximum(x, 0.0) + 0.3 * x[:, ::-1]


def _first(x):
    return 2.0 * (x - x.mean(axis=1, keepdims=True))


def _second(x):
    return 1.5 * _norm(x) + 0.2


_PARTS = (_before, _bend, _first, _second)

block = Exercise(
    "transformer.3",
    answer=_block,
    cases=[(*normal(1, (3, 4)), *_PARTS), (*normal(2, (2, 5)), *_PARTS)],
    names="x",
    arguments="x, attention, mlp, norm1, norm2",
    hint="let all four functions give back what they get: then 4 x comes out, by (.1)",
    mistakes=[
        (lambda *a: _block(*a, after=True), "the normalisation stands before attention and mlp"),
        (lambda *a: _block(*a, shortcuts=(0, 1)), "x is added to what attention gives"),
        (lambda *a: _block(*a, shortcuts=(1, 0)), "the second part is added as well"),
        (lambda *a: _block(*a, shortcuts=(0, 0)), "both parts are ADDED to what was there"),
        (lambda *a: _block(*a, raw=True),
         "the second part goes on from the first: norm2 of the new x"),
        (lambda x, a, m, n1, n2: _block(x, a, m, n1, n1), "before the mlp stands norm2"),
        (lambda x, a, m, n1, n2: _block(x, a, m, n2, n1), "norm1 comes first, then norm2"),
        (lambda x, a, m, n1, n2: _block(x, m, a, n1, n2), "attention comes first, then the mlp"),
        (lambda x, a, m, n1, n2: n1(x) + a(n1(x)) + m(n2(n1(x) + a(n1(x)))),
         "x itself is added, not the normalised x"),
        (lambda x, a, m, n1, n2: _block(x, a, m, lambda z: z, lambda z: z),
         "attention and mlp get normalised inputs"),
    ],
)  # fmt: skip


def _logits(T, seed):
    table = np.random.default_rng(seed).normal(size=(T, 7, 7))

    def model(tokens):
        if not 0 < len(tokens) <= T:
            raise ValueError(f"{len(tokens)} tokens: expected 1 to {T}")
        rows = np.cumsum([table[k, t] for k, t in enumerate(tokens)], axis=0)
        return rows / np.arange(1, len(tokens) + 1)[:, None]

    return model


def _greedy(model, start, n, T, *, place=-1, pick=np.argmax, window=None, only=False):
    tokens = list(start)
    for _ in range(n):
        seen = tokens[-T:] if window is None else window(tokens, T)
        tokens.append(int(pick(model(seen)[place])))
    return tokens[len(start) :] if only else tokens


greedy = Exercise(
    "transformer.4",
    answer=_greedy,
    cases=[(_logits(4, 3), [1, 5], 9, 4), (_logits(3, 8), [2, 0, 6, 1], 8, 3)],
    names="tokens",
    arguments="model, start, n, T",
    batch=None,
    hint=("let the model return the logits of `the next token is one higher` and print what it is "
          "shown in every round, and which row you read"),
    mistakes=[
        (lambda *a: _greedy(*a, place=0), "the logits of the LAST place say what comes next"),
        (lambda *a: _greedy(*a, pick=np.argmin), "the likeliest has the largest logit"),
        (lambda *a: _greedy(*a, window=lambda t, T: t[:T]),
         "the model sees the LAST T tokens, not the first"),
        (lambda *a: _greedy(*a, window=lambda t, T: t[-1:]),
         "the model sees as much as it can, the last T tokens, not only one"),
        (lambda *a: _greedy(*a, only=True), "return the start as well"),
        (lambda m, s, n, T: _greedy(m, s, n - len(s), T), "n NEW tokens, besides those of the start"),
        (lambda m, s, n, T: _greedy(m, s, n, T - 1), "T tokens fit, not T - 1"),
    ],
)  # fmt: skip


def _step(x, keys, values, W_q, W_k, W_v, *, scale=None, new=True, swap=False, columns=False):
    if columns:
        W_q, W_k, W_v = W_q.T, W_k.T, W_v.T
    k, v = (W_v @ x, W_k @ x) if swap else (W_k @ x, W_v @ x)
    longer = np.concatenate([keys, k[None]]), np.concatenate([values, v[None]])
    K, V = longer if new else (keys, values)
    scale = len(x) ** -0.5 if scale is None else scale
    return p.softmax(scale * K @ (W_q @ x))[0] @ V, *longer


def _kept(seed, d, S):
    return normal(seed, (d,), (S, d), (S, d), (d, d), (d, d), (d, d))


step = Exercise(
    "transformer.5",
    answer=_step,
    cases=[_kept(5, 3, 4), _kept(6, 4, 2)],
    names="y, keys, values",
    arguments="x, keys, values, W_q, W_k, W_v",
    batch=None,
    hint=("with no kept keys the answer is the own value; with one kept key, compute the two weights "
          "on paper, as in (attention.2)"),
    mistakes=[
        (lambda *a: _step(*a, new=False), "the newest step looks at itself, too: append first"),
        (lambda *a: _step(*a, scale=1.0), "divide the scores by the root of d"),
        (lambda *a: _step(*a, scale=len(a[1]) ** -0.5),
         "d is the length of x, not the number of keys"),
        (lambda *a: _step(*a, swap=True), "the key comes from W_k, the value from W_v"),
        (lambda *a: _step(*a, columns=True), "q = W_q x: the weights are (out, in)"),
        (lambda x, k, v, *W: (_step(x, k, v, *W)[0], k, v), "return the LONGER keys and values"),
        (lambda x, k, v, *W: (_step(x, k, v, *W)[0], *(np.roll(a, 1, axis=0)
                                                      for a in _step(x, k, v, *W)[1:])),
         "the newest key and value are appended at the end"),
    ],
)  # fmt: skip


def _own(x, W_q, W_k, W_v, W_o, W_1, W_2, *, causal=True, scale=None, first=1, second=1, mix=True,
         norm=_norm, bend=True, again=True):  # fmt: skip
    z = norm(x)
    scores = (z @ W_q.T) @ (z @ W_k.T).T * (x.shape[1] ** -0.5 if scale is None else scale)
    allowed = np.tril(np.ones(scores.shape, dtype=bool)) if causal else None
    found = p.softmax(scores, where=allowed)[0] @ (z @ W_v.T)
    y = first * x + (found @ W_o.T if mix else found)
    inside = (norm(y) if again else y) @ W_1.T
    return second * y + (np.maximum(inside, 0) if bend else inside) @ W_2.T


def _weights(seed, T, d, m):
    return normal(seed, (T, d), (d, d), (d, d), (d, d), (d, d), (m, d), (d, m))


def _looked_back(x, W_q, W_k, W_v, W_o, *, causal=True, scale=None, mix=True):
    S = (x @ W_q.T) @ (x @ W_k.T).T * (x.shape[1] ** -0.5 if scale is None else scale)
    allowed = np.tril(np.ones(S.shape, dtype=bool)) if causal else None
    return p.softmax(S, where=allowed)[0] @ (x @ W_v.T) @ (W_o.T if mix else np.eye(len(W_o)))


looked_back = Exercise(
    "transformer.6",
    answer=_looked_back,
    cases=[_weights(11, 4, 3, 5)[:5], _weights(12, 3, 4, 2)[:5]],
    names="y",
    arguments="x, W_q, W_k, W_v, W_o",
    batch=None,
    hint="the first step can look at itself only: its answer is W_o W_v x; then compare with (attention.2)",
    mistakes=[
        (lambda *a: _looked_back(*a, causal=False), "the causal mask is missing: row t looks at 0 ... t"),
        (lambda *a: _looked_back(*a, scale=1.0), "divide the scores by the root of d"),
        (lambda *a: _looked_back(*a, mix=False), "W_o is missing, behind the averages"),
    ],
)  # fmt: skip

own = Exercise(
    "transformer.6",
    answer=_own,
    cases=[_weights(7, 4, 3, 5), _weights(8, 3, 4, 2)],
    names="x",
    arguments="x, W_q, W_k, W_v, W_o, W_1, W_2",
    batch=None,
    steps={"attention": looked_back},
    hint=("print each stage and its shape: normalised x, scores, weights with the mask, what "
          "attention adds; then the second line of (.1)"),
    mistakes=[
        (lambda *a: _own(*a, causal=False), "the causal mask is missing: row t looks at 0 ... t"),
        (lambda *a: _own(*a, scale=1.0), "divide the scores by the root of d"),
        (lambda *a: _own(*a, first=0), "x is added to what attention gives"),
        (lambda *a: _own(*a, second=0), "the second part is added as well"),
        (lambda *a: _own(*a, mix=False), "W_o is missing, behind the averages"),
        (lambda *a: _own(*a, bend=False), "the ReLU between W_1 and W_2 is missing"),
        (lambda *a: _own(*a, again=False), "the small network gets a normalised input, too"),
        (lambda *a: _own(*a, norm=lambda x: x), "attention and small network get normalised inputs"),
        (lambda *a: _own(*a, norm=lambda x: (x - x.mean(axis=0)) / x.std(axis=0)),
         "each step is normalised by itself, over its d numbers: axis 1"),
        (lambda *a: _own(*a, norm=lambda x: x - x.mean(axis=1, keepdims=True)),
         "divide by the standard deviation as well"),
    ],
)  # fmt: skip

EXERCISES = [parameters, length, block, greedy, step, own]
