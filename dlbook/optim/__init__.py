"""Optimizers and schedules, with the names and defaults of torch.optim and its lr_scheduler."""

from typing import Any

from ..left_out import missing
from .optimizers import *
from .schedules import *

# The names stand in each file's `__all__`, once.
__all__ = [
    name for name, x in list(globals().items()) if getattr(x, "__module__", "").startswith(__name__)
]


def __getattr__(name: str) -> Any:
    raise missing("optim", name)
