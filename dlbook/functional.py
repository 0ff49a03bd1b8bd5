"""The primitives lifted to Tensors, one line each."""

from __future__ import annotations

from collections.abc import Sequence

from . import primitives as p
from .autodiff import Tensor, differentiable

linear = differentiable(p.linear)
matmul = differentiable(p.matmul)
add = differentiable(p.add)
sub = differentiable(p.sub)
mul = differentiable(p.mul)
div = differentiable(p.div)
pow = differentiable(p.pow)
exp = differentiable(p.exp)
log = differentiable(p.log)
sum = differentiable(p.sum)
mean = differentiable(p.mean)
reshape = differentiable(p.reshape)
permute_dims = differentiable(p.permute_dims)
getitem = differentiable(p.getitem)
unstack = differentiable(p.unstack)
pad = differentiable(p.pad)
conv2d = differentiable(p.conv2d)
max_pool2d = differentiable(p.max_pool2d)
avg_pool2d = differentiable(p.avg_pool2d)
rnn = differentiable(p.rnn)
lstm = differentiable(p.lstm)
gru = differentiable(p.gru)
rnn_cell = differentiable(p.rnn_cell)
lstm_cell = differentiable(p.lstm_cell)
gru_cell = differentiable(p.gru_cell)
embedding = differentiable(p.embedding)
attention_weights = differentiable(p.attention_weights)
scaled_dot_product_attention = differentiable(p.scaled_dot_product_attention)
relu = differentiable(p.relu)
leaky_relu = differentiable(p.leaky_relu)
sigmoid = differentiable(p.sigmoid)
tanh = differentiable(p.tanh)
elu = differentiable(p.elu)
softplus = differentiable(p.softplus)
silu = differentiable(p.silu)
gelu = differentiable(p.gelu)
softmax = differentiable(p.softmax)
log_softmax = differentiable(p.log_softmax)
normalize = differentiable(p.normalize)
mse_loss = differentiable(p.mse_loss)
l1_loss = differentiable(p.l1_loss)
huber_loss = differentiable(p.huber_loss)
smooth_l1_loss = differentiable(p.smooth_l1_loss)
binary_cross_entropy = differentiable(p.binary_cross_entropy)
binary_cross_entropy_with_logits = differentiable(p.binary_cross_entropy_with_logits)
cross_entropy = differentiable(p.cross_entropy)

_stack = differentiable(p.stack)
_concat = differentiable(p.concat)


def stack(tensors: Sequence, axis: int = 0) -> Tensor:
    """Put a list of Tensors of one shape beside each other along a new axis."""
    return _stack(*tensors, axis=axis)


def concat(tensors: Sequence, axis: int = 0) -> Tensor:
    """Put a list of Tensors behind each other along an axis they have."""
    return _concat(*tensors, axis=axis)


__all__ = [name for name in p.__all__ if name in globals()]
