"""Initial weights: (rng, shape) -> array, drawn by NumPy so that a seed means the same everywhere.

`shape` is the shape of a weight as PyTorch has it: (out, in) or (out, in, *kernel).
"""

import math

import numpy as np

from .rng import generator as generator
from .rng import manual_seed as manual_seed


def fans(shape: tuple[int, ...]) -> tuple[int, int]:
    """How many numbers feed one output (fan_in) and how many outputs one input feeds (fan_out)."""
    if len(shape) < 2:
        raise ValueError(f"shape={shape}: expected (out, in) or (out, in, *kernel)")
    receptive = math.prod(shape[2:])
    return shape[1] * receptive, shape[0] * receptive


def uniform(rng, shape, bound, dtype=np.float32):
    """Draw from U(-bound, bound); drawn in float64, so that dtypes agree but for rounding."""
    return rng.uniform(-bound, bound, shape).astype(dtype)


def normal(rng, shape, std, dtype=np.float32):
    """Draw from N(0, std**2)."""
    return rng.normal(0.0, std, shape).astype(dtype)


def xavier_uniform(rng, shape, dtype=np.float32):
    """U(-b, b) with b = sqrt(6 / (fan_in + fan_out)) (Glorot and Bengio 2010)."""
    fan_in, fan_out = fans(shape)
    return uniform(rng, shape, math.sqrt(6 / (fan_in + fan_out)), dtype)


def xavier_normal(rng, shape, dtype=np.float32):
    """N(0, 2 / (fan_in + fan_out)) (Glorot and Bengio 2010)."""
    fan_in, fan_out = fans(shape)
    return normal(rng, shape, math.sqrt(2 / (fan_in + fan_out)), dtype)


def kaiming_uniform(rng, shape, dtype=np.float32):
    """U(-b, b) with b = sqrt(6 / fan_in), for layers followed by ReLU (He et al. 2015)."""
    return uniform(rng, shape, math.sqrt(6 / fans(shape)[0]), dtype)


def kaiming_normal(rng, shape, dtype=np.float32):
    """N(0, 2 / fan_in), for layers followed by ReLU (He et al. 2015)."""
    return normal(rng, shape, math.sqrt(2 / fans(shape)[0]), dtype)


def torch_linear(rng, shape, fan_in, dtype=np.float32):
    """U(-b, b) with b = 1 / sqrt(fan_in): what torch.nn.Linear starts its W and b from."""
    return uniform(rng, shape, 1 / math.sqrt(fan_in), dtype)
