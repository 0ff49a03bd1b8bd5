"""Layers and losses as objects: they own the state and check the shapes of what comes in.

In a Module, a Tensor attribute is a parameter, a plain array a buffer, a Module a child. Names,
arguments and defaults are those of torch.nn.
"""

from .layers import GELU, Flatten, LeakyReLU, Linear, LogSoftmax, ReLU, Sigmoid, Softmax, Tanh
from .losses import BCELoss, BCEWithLogitsLoss, CrossEntropyLoss, MSELoss
from .module import Module, Sequential

__all__ = [
    "GELU", "BCELoss", "BCEWithLogitsLoss", "CrossEntropyLoss", "Flatten", "LeakyReLU", "Linear",
    "LogSoftmax", "MSELoss", "Module", "ReLU", "Sequential", "Sigmoid", "Softmax", "Tanh",
]  # fmt: skip
