"""The door: what comes from a user is checked here, once, and told what was expected.

Modules, losses, optimizers, loaders and metrics call these; primitives check nothing. A module
declares its input in `takes`, and `shape` compares. Scanning logits and gradients for NaN costs a
few percent; `with scans(False): ...` leaves that out.
"""

from .arrays import *
from .data import *
from .settings import *
from .targets import *
from .values import *

checks = scans  # its first name
