"""What exercises are compared on: random arrays, and how a primitive is called."""

import numpy as np


class Form(TypeError):
    """An answer of another form than the exercise asks for; says which it should be."""


def normal(seed, *shapes):
    rng = np.random.default_rng(seed)
    return tuple(rng.standard_normal(shape) for shape in shapes)


def value_and_gradients(f, *args):
    """Call a primitive and its pullback; the last argument is the gradient that comes back."""
    result = f(*args[:-1])
    if not (isinstance(result, tuple | list) and len(result) == 2 and callable(result[1])):
        raise Form("return two things, the value and the pullback, a function: return y, vjp")
    y, vjp = result
    dxs, n = vjp(args[-1]), len(args) - 1
    if not isinstance(dxs, tuple):
        wanted = "(dx,), with a comma" if n == 1 else f"{n} gradients, one per argument"
        raise Form(f"the pullback must return a tuple of {wanted}, not {type(dxs).__name__}")
    if len(dxs) != n:
        raise Form(f"the pullback must return {n} gradients, one per argument, not {len(dxs)}")
    return (y, *dxs)


def activation(value, slope):
    """A primitive with the value(x) and what its pullback makes of da: slope(x, a, da)."""

    def activation(x):
        a = value(x)
        return a, lambda da: (slope(x, a, da),)

    return activation
