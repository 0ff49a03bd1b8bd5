"""The door: what comes from a user is checked here, once, and told what was expected.

Modules, losses, optimizers, loaders and metrics call these; primitives check nothing. A module
declares its input in `takes`, and `shape` compares. Scanning logits and gradients for NaN costs a
few percent; `with scans(False): ...` leaves that out.
"""

from .arrays import (
    column,
    floating,
    gradient,
    half_padding,
    leaves,
    native,
    not_empty,
    same_length,
    same_shape,
    shape,
    sliding,
    tensor,
    written_out,
)
from .data import batches, label_pair, numbers, pictures, ready, real, room
from .settings import choice, flag, number, pair, positive_int
from .targets import class_targets, paired
from .values import (
    CheckpointError,
    ChecksumError,
    DataFormatError,
    NonFiniteError,
    OfflineError,
    all_finite,
    labels,
    no_nan,
    probabilities,
    scans,
    some_finite,
)

checks = scans  # its first name
