"""What PyTorch has and this package leaves out on purpose: why, and what to write instead.

- nn.Conv1d: use Conv2d on (N, C, 1, T) with a kernel (1, k)
- nn.Conv3d: films are outside this book; Conv2d shows the idea
- nn.ConvTranspose2d: not needed yet
- nn.RNNCell: the primitive is F.rnn_cell; a layer over one step is nn.RNN with T = 1
- nn.LSTMCell: the primitive is F.lstm_cell; a layer over one step is nn.LSTM with T = 1
- nn.GRUCell: the primitive is F.gru_cell; a layer over one step is nn.GRU with T = 1
- nn.NLLLoss: use CrossEntropyLoss on the logits: it does the logarithm safely
- nn.KLDivLoss: cross-entropy with probabilities as target has the same gradients
- nn.MultiMarginLoss: use CrossEntropyLoss
- nn.BatchNorm3d: films are outside this book
- nn.GroupNorm: LayerNorm and BatchNorm2d show the idea
- nn.InstanceNorm2d: LayerNorm and BatchNorm2d show the idea
- nn.PReLU: use LeakyReLU: a learnt slope gains little
- nn.Hardtanh: use F.clip(x, -1.0, 1.0)
- nn.Transformer: build it from TransformerEncoderLayer, as the chapter on attention does
- nn.TransformerEncoder: nn.Sequential(*(TransformerEncoderLayer(...) for _ in range(n)))
- nn.DataParallel: many machines are a later chapter; weights go to PyTorch by copy_to_torch
- nn.utils: clip_grad_norm is in dlbook.optim, pad_sequence in dlbook.data
- nn.init: initial values are in dlbook.init: functions (rng, shape) -> array
- functional.normalize: in PyTorch the division by a norm: x / (x * x).sum(-1,
  keepdim=True).sqrt(); mean 0 and variance 1 is F.standardize
- functional.nll_loss: use cross_entropy on the logits
- functional.one_hot: dlbook.data.one_hot
- functional.interpolate: not needed yet
- functional.unfold: convolution is F.conv2d
- functional.kl_div: cross-entropy with probabilities as target has the same gradients
- functional.softmin: F.softmax(-x)
- functional.hardtanh: use F.clip(x, -1.0, 1.0)
- optim.Adagrad: RMSprop is Adagrad with a memory that fades
- optim.Adadelta: RMSprop shows the idea
- optim.Adamax: Adam shows the idea
- optim.NAdam: Adam shows the idea
- optim.LBFGS: it needs the loss as a function; the book's optimizers see one gradient a step
- optim.lr_scheduler: the schedules are in dlbook.optim itself: optim.StepLR
- optim.swa_utils: averages of weights are not taught

Arguments of PyTorch's that are left out; a call with one of them is Python's own TypeError:

- nn.RNN nonlinearity: with ReLU its states have no bound; Linear and F.relu in a loop show it
- nn.MultiheadAttention kdim, vdim, masks (N heads, T, S): project keys and values with a Linear
  first; a mask for each example is key_padding_mask
- nn.MaxPool2d ceil_mode, dilation; nn.AvgPool2d ceil_mode, count_include_pad: pad the input with
  F.pad
- nn.AdaptiveAvgPool2d with another size than 1: AvgPool2d with the window that fits
- optim.SGD dampening, maximize; optim.RMSprop centered; optim.Adam amsgrad: rarely better; a rule
  of your own is a subclass with another `direction`
- F.scaled_dot_product_attention dropout_p, is_causal, scale: nn.MultiheadAttention has the first
  two; scale q beforehand
- metrics with average="weighted", zero_division, ROC curves: scikit-learn takes the same arrays
"""

import re

# The list above is what the error says, and what the reference prints.
_ROW = re.compile(r"^- ([\w.]+): (.*?)$(?=\n- |\n\n|\Z)", re.DOTALL | re.MULTILINE)
LEFT_OUT = {name: " ".join(why.split()) for name, why in _ROW.findall(__doc__.strip())}


def missing(module: str, name: str) -> AttributeError:
    """The error for a name that a module does not have: with the reason, if there is one."""
    why = LEFT_OUT.get(f"{module}.{name}")
    reason = f", on purpose: {why}" if why else ""
    return AttributeError(f"dlbook.{module} has no {name!r}{reason}")
