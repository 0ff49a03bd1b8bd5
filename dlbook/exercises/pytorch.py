"""Exercises: the same network in PyTorch."""

import numpy as np

from .inputs import Form, normal
from .judge import Exercise

third_step = Exercise(
    "pytorch.1",
    answer=4.36 - 0.1 * (0.9 * -17.6 + 10.88),
    names="w",
    tol=1e-4,
    hint="three lines, as in the two steps before: the gradient at w = 4.36, the new v, the new w",
    mistakes=[
        (4.36 - 1.088, "this is without momentum: v = 0.9 v + g first"),
        (4.36 + 0.1 * (0.9 * -17.6 + 10.88), "the sign of the step: w - lr v"),
        (4.36 - 0.1 * (0.9 * -17.6 - 10.88), "the sign of the gradient: w x is above y now"),
        (4.36 - 0.1 * (-17.6 + 10.88), "the old velocity fades: 0.9 v + g"),
        (4.36 - 0.1 * (0.9 * -17.6 + 5.44), "g = 2 (w x - y) x: is the 2 missing, or the x?"),
        (-4.96, "this is the new velocity v: the step is w - 0.1 v"),
        (4.86, "right, but rounded: give it with three decimals"),
        (4.36 + 1.76, "the gradient is a new one at w = 4.36: v has changed"),
    ],
)

layouts = Exercise(
    "pytorch.2",
    answer=lambda kernel, dense: (kernel.transpose(3, 2, 0, 1), dense.T),
    cases=[normal(1, (3, 3, 2, 2), (4, 5)), normal(2, (5, 3, 4, 6), (7, 2))],
    names="kernel, dense",
    arguments="kernel, dense",
    batch=None,
    hint=("give the axes four different lengths and print the shapes; then look where the number at "
          "[0, 1, 2, 3] has gone"),
    mistakes=[
        (lambda k, d: (k.transpose(3, 2, 1, 0), d.T),
         "rows and columns of the kernel are swapped: k before l"),
        (lambda k, d: (k.transpose(2, 3, 0, 1), d.T), "(C, O) should be (O, C): outputs first"),
        (lambda k, d: (k.transpose(3, 2, 0, 1), d),
         "the dense weights stay (in, out): PyTorch has (out, in)"),
        (lambda k, d: (k.reshape(*k.shape[3:1:-1], *k.shape[:2]), d.T),
         "reshape keeps the order of the numbers: the axes must be transposed"),
        (lambda k, d: (k, d.T), "the kernel is unchanged: from (k, l, C, O) to (O, C, k, l)"),
    ],
)  # fmt: skip


def _reorder(W, H, V, C):
    return W.reshape(-1, H, V, C).transpose(0, 3, 1, 2).reshape(len(W), -1)


flatten = Exercise(
    "pytorch.3",
    answer=_reorder,
    cases=[(*normal(3, (5, 12)), 3, 2, 2), (*normal(4, (3, 24)), 2, 3, 4)],
    names="W",
    arguments="W, H, V, C",
    batch=None,
    hint=("take H = 1, V = 2, C = 2 and out = 1 with the columns 0, 1, 2, 3: which (row, column, "
          "channel) does each belong to?"),
    mistakes=[
        (lambda W, H, V, C: W, "nothing has moved: split the columns into (H, V, C) first"),
        (lambda W, H, V, C: W.reshape(-1, C, H, V).transpose(0, 2, 3, 1).reshape(len(W), -1),
         "this goes the other way, from PyTorch's order to Keras's"),
        (lambda W, H, V, C: W.reshape(-1, H, V, C).transpose(0, 3, 2, 1).reshape(len(W), -1),
         "rows and columns are swapped: (C, H, V), not (C, V, H)"),
        (lambda W, H, V, C: W[:, ::-1],
         "reversing is not reordering: split the columns into (H, V, C)"),
    ],
)  # fmt: skip


def _error(a, b):
    return np.abs(a - b).max() / np.abs(b).max()


def _near(seed, shape):
    a, b = normal(seed, shape, shape)
    return 2 * b + 0.1 * a - 1, 2 * b - 1


rounding = Exercise(
    "pytorch.4",
    answer=_error,
    cases=[_near(5, (4, 3)), (*normal(8, (9,)), np.append(normal(9, (8,))[0], 5.0))],
    names="error",
    arguments="a, b",
    batch=None,
    hint="try a = (1, 2) and b = (1, -4): what is the largest difference, and by what is it divided?",
    mistakes=[
        (lambda a, b: np.abs(a - b).max(),
         "this is the absolute error: divide by the largest entry of b in size"),
        (lambda a, b: np.linalg.norm(a - b) / np.linalg.norm(b),
         "these are the lengths of all together: take the largest difference and the largest entry"),
        (lambda a, b: (a - b).max() / np.abs(b).max(),
         "differences count in both directions: np.abs(a - b)"),
        (lambda a, b: np.abs(a - b).max() / b.max(), "the largest entry of b in SIZE: np.abs(b)"),
        (lambda a, b: np.abs(a - b).mean() / np.abs(b).max(),
         "the largest difference, not the mean"),
        (lambda a, b: np.abs((a - b) / b).max(),
         "entry by entry a small b makes any error huge: divide by the largest"),
    ],
)  # fmt: skip


def _rename(state, names, *, value=lambda v: v):
    new = {}
    for key, v in state.items():
        prefix, rest = key.split(".", 1)
        new[f"{names[prefix]}.{rest}"] = value(v)
    return new


def _renamed(f, state, names):
    """The arrays under the right names, and whether an unknown prefix raises KeyError."""
    new = f(dict(state), names)
    wanted = list(_rename(state, names))
    if new is None:
        return None
    if not isinstance(new, dict) or set(new) != set(wanted):
        raise Form(f"the names are {list(new)}, expected {wanted}")
    try:
        f({"conv1.weight": np.zeros(1), "other.weight": np.zeros(1)}, {"conv1": 0})
        strict = 0.0
    except KeyError:
        strict = 1.0
    return (*(new[k] for k in wanted), strict)


_STATE = dict(
    zip(
        ("conv1.weight", "conv1.bias", "norm.norm.mean", "fc10.weight", "fc1.weight"),
        normal(7, (2, 2, 3, 3), (2,), (2, 2), (3, 3), (4, 4)),
        strict=True,
    )
)


def _lenient(state, names):
    return _rename({k: v for k, v in state.items() if k.split(".")[0] in names}, names)


def _new_names(f, names, *keys):
    """The places that the new names give, and whether the rest is as it was."""
    made = [f(key, names) for key in keys]
    if not all(isinstance(key, str) and key.split(".")[0].isdigit() for key in made):
        raise Form(f"return a name such as '7.weight': yours gives {made}")
    places = [int(key.split(".")[0]) for key in made]
    same_rest = [
        new.partition(".")[2] == old.partition(".")[2] for new, old in zip(made, keys, strict=True)
    ]
    return tuple(places), tuple(same_rest)


one_name = Exercise(
    "pytorch.5",
    answer=lambda key, names: f"{names[key.partition('.')[0]]}.{key.partition('.')[2]}",
    cases=[({"conv1": 0, "norm": 1, "fc1": 7, "fc10": 9}, "conv1.weight", "fc10.bias", "norm.norm.mean")],
    names="place, rest",
    arguments="names, key, key, key",
    batch=None,
    use=_new_names,
    hint="print what stands before the first dot, and what behind it, for 'norm.norm.mean'",
    mistakes=[
        (lambda key, names: key.replace(p := key.partition(".")[0], str(names[p])),
         "only what stands before the FIRST dot is replaced: all behind it stays"),
    ],
)  # fmt: skip

renaming = Exercise(
    "pytorch.5",
    answer=_rename,
    cases=[(_STATE, {"conv1": 0, "norm": 1, "fc1": 7, "fc10": 9})],
    names="conv1.weight, conv1.bias, norm.norm.mean, fc10.weight, fc1.weight, KeyError",
    arguments="state, names",
    batch=None,
    use=_renamed,
    steps={"name": one_name},
    hint=("split one key at its FIRST dot, print both parts, and put the new name together; then try "
          "a key with two dots"),
    mistakes=[
        (_lenient, "an unknown prefix is passed over in silence: it must raise a KeyError"),
        (lambda s, n: _rename(s, n, value=lambda v: v.T),
         "the arrays are transposed: only their names change"),
        (lambda s, n: _rename(s, n, value=lambda v: 0 * v),
         "the arrays are empty: keep their values"),
    ],
)  # fmt: skip

EXERCISES = [third_step, layouts, flatten, rounding, renaming]
