"""Forward and Back: deep learning you can run, check and take apart."""

from typing import Any

from . import autodiff, backend, checks, data, functional, init, metrics, nn, optim, primitives
from . import operators as operators  # gives Tensor its + - * / @ ** []
from .autodiff import Tensor, detect_changes, differentiable, no_grad
from .checkpoint import load, save
from .checks import CheckpointError, ChecksumError, DataFormatError, NonFiniteError, OfflineError
from .rng import manual_seed
from .show import show
from .summary import summary
from .train import Carry, History, evaluate, fit, lr_range_test, predict, train_step

__version__ = "0.1.0"
__all__ = [
    "Carry", "CheckpointError", "ChecksumError", "DataFormatError", "History", "NonFiniteError",
    "OfflineError", "Tensor",
    "autodiff", "backend", "checks", "data", "detect_changes", "differentiable", "evaluate",
    "exercises", "fit", "functional", "init", "load", "lr_range_test", "manual_seed", "metrics", "nn",
    "no_grad", "optim", "plot", "predict", "primitives", "save", "show", "summary", "testing",
    "train_step",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    """Import `plot` (matplotlib), `testing`, `exercises` when first asked for."""
    if name in ("exercises", "plot", "testing"):
        import importlib

        return importlib.import_module(f".{name}", __name__)
    raise AttributeError(f"module 'dlbook' has no attribute {name!r}")
