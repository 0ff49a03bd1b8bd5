"""Layers and losses as objects: they own the state and check the shapes of what comes in.

In a Module, a Tensor made with requires_grad=True is a parameter, a Module a child, an array given to
`register_buffer` a buffer. Names, arguments and defaults are those of torch.nn.
"""

from typing import Any

from ..left_out import missing
from .attention import MultiheadAttention, PositionalEncoding, TransformerEncoderLayer
from .bridge import copy_from_torch, copy_to_torch, load_safetensors, save_safetensors
from .containers import Identity, ModuleDict, ModuleList, Residual, Sequential
from .convolution import AdaptiveAvgPool2d, AvgPool2d, Conv2d, MaxPool2d
from .embedding import Embedding
from .layers import (
    ELU,
    GELU,
    Dropout,
    Dropout2d,
    Flatten,
    LeakyReLU,
    Linear,
    LogSoftmax,
    ReLU,
    Sigmoid,
    SiLU,
    Softmax,
    Softplus,
    Tanh,
)  # fmt: skip
from .losses import (
    BCELoss,
    BCEWithLogitsLoss,
    CrossEntropyLoss,
    HuberLoss,
    L1Loss,
    MSELoss,
    SmoothL1Loss,
)  # fmt: skip
from .module import Module, Parameter
from .normalization import BatchNorm1d, BatchNorm2d, LayerNorm
from .recurrent import GRU, LSTM, RNN

__all__ = [
    "ELU",
    "GELU",
    "GRU",
    "LSTM",
    "RNN",
    "AdaptiveAvgPool2d",
    "AvgPool2d",
    "BCELoss",
    "BCEWithLogitsLoss",
    "BatchNorm1d",
    "BatchNorm2d",
    "Conv2d",
    "CrossEntropyLoss",
    "Dropout",
    "Dropout2d",
    "Embedding",
    "Flatten",
    "HuberLoss",
    "Identity",
    "L1Loss",
    "LayerNorm",
    "LeakyReLU",
    "Linear",
    "LogSoftmax",
    "MSELoss",
    "MaxPool2d",
    "Module",
    "ModuleDict",
    "ModuleList",
    "MultiheadAttention",
    "Parameter",
    "PositionalEncoding",
    "ReLU",
    "Residual",
    "Sequential",
    "SiLU",
    "Sigmoid",
    "SmoothL1Loss",
    "Softmax",
    "Softplus",
    "Tanh",
    "TransformerEncoderLayer",
    "copy_from_torch",
    "copy_to_torch",
    "load_safetensors",
    "save_safetensors",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    raise missing("nn", name)
