"""Looking up: entries by their index, rows of a table."""

from ..backend import array_namespace, gather, scatter_add

__all__ = ["embedding", "getitem"]


def getitem(x, index):
    """y = x[index]; an entry that is read twice gets the gradients of both readings."""

    def vjp(dy):
        return (scatter_add(x, index, dy),)

    return gather(x, index), vjp


def embedding(indices, W, padding_idx=None):
    """y = W[indices], rows of a table (V, D); a row used twice gets the sum of both gradients.

    The row `padding_idx` gets none, so that it stays what it is.
    """
    xp, D = array_namespace(W), W.shape[1]
    rows, back = getitem(W, xp.reshape(indices, (-1,)))

    def vjp(dy):
        (dW,) = back(xp.reshape(dy, (-1, D)))
        if padding_idx is not None:
            dW[padding_idx, ...] = 0.0
        return None, dW

    return xp.reshape(rows, (*indices.shape, D)), vjp
