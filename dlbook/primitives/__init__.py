"""Every derivative in the book, written once.

A primitive takes arrays and returns its value and its pullback:

    y, vjp = primitive(x, W, ...)
    dx, dW, ... = vjp(dy)

`dy` is dL/dy, the gradient of the loss with respect to the value; the pullback (vector-Jacobian
product) turns it into the gradient with respect to each array that went in, as a tuple. Primitives
write only into arrays they made and check nothing: what comes from a user is checked in `nn`.
`need_dx=False` leaves out the gradient of the first array, where it is data.
"""

# Each file lists its primitives in `__all__`; every one needs a row in tests/cases.py.
from .activations import *
from .arithmetic import *
from .attention import *
from .convolution import *
from .ctc import *
from .lookup import *
from .losses import *
from .normalization import *
from .pooling import *
from .recurrence import *
from .shapes import *

__all__ = [
    name for name, f in list(globals().items()) if getattr(f, "__module__", "").startswith(__name__)
]
