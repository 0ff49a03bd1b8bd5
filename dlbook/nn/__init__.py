"""Layers and losses as objects: they own the state and check the shapes of what comes in.

In a Module, a Tensor made with requires_grad=True is a parameter, a Module a child, an array given to
`register_buffer` a buffer. Names, arguments and defaults are those of torch.nn.
"""

from typing import Any

from ..left_out import missing
from .attention import *
from .bridge import *
from .containers import *
from .convolution import *
from .embedding import *
from .layers import *
from .losses import *
from .module import *
from .normalization import *
from .recurrent import *

# The names stand in each file's `__all__`, once.
__all__ = [
    name for name, x in list(globals().items()) if getattr(x, "__module__", "").startswith(__name__)
]


def __getattr__(name: str) -> Any:
    raise missing("nn", name)
