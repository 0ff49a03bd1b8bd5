"""Every derivative in the book, written once.

A primitive takes arrays and returns its value and its pullback:

    y, vjp = primitive(x, W, ...)
    dx, dW, ... = vjp(dy)

`dy` is dL/dy, the gradient of the loss with respect to the value; the pullback (vector-Jacobian
product) turns it into the gradient with respect to each array that went in, as a tuple. Primitives
write only into arrays they made and check nothing: what comes from a user is checked in `nn`.
"""

from .activations import (
    elu,
    gelu,
    leaky_relu,
    log_softmax,
    relu,
    sigmoid,
    silu,
    softmax,
    softplus,
    tanh,
)
from .arithmetic import (
    add,
    div,
    exp,
    linear,
    log,
    matmul,
    mul,
    pow,
    sub,
)
from .attention import attention_weights, scaled_dot_product_attention
from .images import avg_pool2d, conv2d, max_pool2d
from .losses import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    huber_loss,
    l1_loss,
    mse_loss,
    smooth_l1_loss,
)
from .normalization import normalize
from .sequences import embedding, gru, gru_cell, lstm, lstm_cell, rnn, rnn_cell
from .shapes import (
    concat,
    getitem,
    mean,
    pad,
    permute_dims,
    reshape,
    stack,
    sum,
    unstack,
)

__all__ = [
    "add",
    "attention_weights",
    "avg_pool2d",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "concat",
    "conv2d",
    "cross_entropy",
    "div",
    "elu",
    "embedding",
    "exp",
    "gelu",
    "getitem",
    "gru",
    "gru_cell",
    "huber_loss",
    "l1_loss",
    "leaky_relu",
    "linear",
    "log",
    "log_softmax",
    "lstm",
    "lstm_cell",
    "matmul",
    "max_pool2d",
    "mean",
    "mse_loss",
    "mul",
    "normalize",
    "pad",
    "permute_dims",
    "pow",
    "relu",
    "reshape",
    "rnn",
    "rnn_cell",
    "scaled_dot_product_attention",
    "sigmoid",
    "silu",
    "smooth_l1_loss",
    "softmax",
    "softplus",
    "stack",
    "sub",
    "sum",
    "tanh",
    "unstack",
]
