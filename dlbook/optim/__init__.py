"""Optimizers and schedules, with the names and defaults of torch.optim and its lr_scheduler."""

from typing import Any

from ..left_out import missing
from .optimizers import SGD, Adam, AdamW, Optimizer, RMSprop, clip_grad_norm
from .schedules import (
    CosineAnnealingLR,
    ExponentialLR,
    LambdaLR,
    LinearLR,
    MultiStepLR,
    OneCycleLR,
    ReduceLROnPlateau,
    Schedule,
    SequentialLR,
    StepLR,
)  # fmt: skip

__all__ = [
    "SGD", "Adam", "AdamW", "CosineAnnealingLR", "ExponentialLR", "LambdaLR", "LinearLR",
    "MultiStepLR", "OneCycleLR", "Optimizer", "RMSprop", "ReduceLROnPlateau", "Schedule",
    "SequentialLR", "StepLR", "clip_grad_norm",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    raise missing("optim", name)
