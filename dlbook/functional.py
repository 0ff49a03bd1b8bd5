"""The primitives lifted to Tensors, and the operators `+ - * / @ ** []` that call them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

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


def transpose(x: Tensor) -> Tensor:
    """Swap the last two axes."""
    return permute_dims(x, axes=(*range(x.ndim - 2), x.ndim - 1, x.ndim - 2))


def _unless_leaf(operator: Callable) -> Callable:
    """`loss += penalty` is a new Tensor; `w -= lr * g` would leave the model's w as it was."""

    def apply(x: Tensor, other: object) -> Tensor:
        if x.requires_grad and x._node is None:
            raise RuntimeError(
                "a leaf Tensor that requires grad is not changed in place: "
                "write w.data = w.data - lr * w.grad"
            )
        return operator(x, other)

    return apply


_operators = {
    "__add__": add,
    "__radd__": lambda x, other: add(other, x),
    "__sub__": sub,
    "__rsub__": lambda x, other: sub(other, x),
    "__mul__": mul,
    "__rmul__": lambda x, other: mul(other, x),
    "__truediv__": div,
    "__rtruediv__": lambda x, other: div(other, x),
    "__matmul__": matmul,
    "__rmatmul__": lambda x, other: matmul(other, x),
    "__pow__": lambda x, n: pow(x, n=n),
    "__neg__": lambda x: mul(x, -1.0),
    "__iadd__": _unless_leaf(add),
    "__isub__": _unless_leaf(sub),
    "__imul__": _unless_leaf(mul),
    "__itruediv__": _unless_leaf(div),
    "__eq__": lambda x, other: x.data == _plain(other),
    "__ne__": lambda x, other: x.data != _plain(other),
    "__lt__": lambda x, other: x.data < _plain(other),
    "__le__": lambda x, other: x.data <= _plain(other),
    "__gt__": lambda x, other: x.data > _plain(other),
    "__ge__": lambda x, other: x.data >= _plain(other),
    "__getitem__": lambda x, index: getitem(x, index=_plain(index)),
    "__iter__": lambda x: iter(unstack(x)),  # one primitive for all steps: indexing is quadratic
    "reshape": lambda x, *shape: reshape(x, shape=_flat(shape)),
    "permute": lambda x, *axes: permute_dims(x, axes=_flat(axes)),
    "sum": sum,
    "mean": mean,
    "exp": exp,
    "log": log,
    "relu": relu,
    "sigmoid": sigmoid,
    "tanh": tanh,
    "mT": property(transpose),
    "T": property(transpose),
}


def _flat(numbers: tuple) -> tuple:
    """reshape(2, 3) and reshape((2, 3)) mean the same."""
    return tuple(numbers[0]) if len(numbers) == 1 and isinstance(numbers[0], tuple) else numbers


def _plain(index):
    """A Tensor used as an index stands for its array."""
    return index.data if isinstance(index, Tensor) else index


for _name, _operator in _operators.items():
    setattr(Tensor, _name, _operator)

__all__ = [name for name in vars(p) if callable(globals().get(name)) and name[0] != "_"]
