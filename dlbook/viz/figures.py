"""What a figure is, and which there are."""

import base64
import hashlib
import json
import math
from collections.abc import Sequence
from importlib.resources import files
from typing import Any

import numpy as np

__all__ = [
    "Figure",
    "attention",
    "bits",
    "boxes",
    "credit",
    "degree",
    "depth",
    "diffusion",
    "fairness",
    "gates",
    "kernel",
    "line",
    "nine_numbers",
    "optimizers",
    "pairs",
    "reads_digits",
    "receptive",
    "regions",
    "softmax",
    "through_time",
]

HERE = files(__package__)


class Figure:
    """A figure that reacts, drawn by NAME.js from `data`; `alt` says in words what it shows.

    Where no script runs (a page without JavaScript, a notebook that is not trusted), the picture of
    stills/NAME.svg stands in its place: as an image with paper of its own, which JupyterLab lets through.
    """

    def __init__(self, name: str, alt: str, **data: Any) -> None:
        self.name, self.alt = name, alt
        self.data = json.dumps(data, default=np.ndarray.tolist).replace("</", "<\\/")

    def __repr__(self) -> str:
        return f"<figure {self.name}: {self.alt}>"

    def _repr_html_(self) -> str:
        # The same figure has the same id wherever it is made: outputs are compared.
        mark = f"viz-{self.name}-{hashlib.sha256(self.data.encode()).hexdigest()[:6]}"
        shared, own = ((HERE / f"{n}.js").read_text("utf-8") for n in ("shared", self.name))
        still = HERE / "stills" / f"{self.name}.svg"
        picture = still.read_text("utf-8").strip() if still.is_file() else ""
        for sign, code in (("%", "%25"), ("#", "%23"), ('"', "%22"), ("&", "&amp;")):
            picture = picture.replace(sign, code)
        return (
            f'<div class="dlbook-viz" id="{mark}">'
            f'<img alt="{self.alt}" src="data:image/svg+xml,{picture}" style="max-width: 100%"></div>'
            f'<script>\n{shared}{own}dlbookViz.mount("{mark}", "{self.name}", {self.data});\n</script>'
        )


def softmax(logits: Sequence[float] = (2.0, 1.0, 0.0)) -> Figure:
    """Show the softmax of logits, with a temperature, and what large logits do to the bare formula."""
    alt = "Three bars of probability, computed with and without subtracting the largest logit"
    return Figure("softmax", alt, logits=list(logits))


def line(x: Any, y: Any, xlabel: str = "x", ylabel: str = "y") -> Figure:
    """Fit a line by hand or by gradient descent: x (N,), standardised, y (N,), and the loss as a bowl."""
    alt = "Data with a line on the left; on the right the loss over slope and intercept, with the path"
    return Figure("line", alt, x=np.round(x, 4), y=np.round(y, 4), xlabel=xlabel, ylabel=ylabel)


def degree(points: int = 12, noise: float = 0.25) -> Figure:
    """Fit polynomials to many sets of noisy `points` of a sine: bias, variance and their sum."""
    alt = (
        "Fits to many training sets with their mean and the truth; bias, variance and sum by degree"
    )
    return Figure("degree", alt, points=points, noise=noise)


def depth(depth: int = 30, width: int = 48, examples: int = 48) -> Figure:
    """Send a signal through up to 50 layers of `width` units and a gradient back, before any training."""
    alt = (
        "How activations spread layer by layer, and the sizes of signal and gradient on a log scale"
    )
    return Figure("depth", alt, depth=depth, width=width, examples=examples)


def diffusion(points: Sequence[float] = (-1.5, 0.9, 1.5), steps: int = 20) -> Figure:
    """Walk from noise to one of the data `points`, between -2.5 and 2.5, in up to 50 `steps`."""
    alt = (
        "Walks from noise at the left to data points at the right, and how many end at each of them"
    )
    return Figure("diffusion", alt, points=list(points), steps=steps)


def nine_numbers(given: Sequence[float] = (1, 2, 1, 1, 0, 1, -2, 1, 2, -1, -1, 3)) -> Figure:
    """Run a small network forward and back: given are x, rows of W1 with their biases, W2, b2 and y."""
    alt = "A network of nine numbers, each with its value and its gradient, and the operations in a table"
    return Figure("nine_numbers", alt, given=list(given))


def optimizers(surface: str = "ravine", start: Sequence[float] = (-1.7, 1.1)) -> Figure:
    """Race four optimizers from `start` on a "ravine", a "slanted" one, a "bend", "saddle" or "sill"."""
    alt = "Level lines of a surface, the ways of four optimizers down it, and their heights step by step"
    return Figure("optimizers", alt, surface=surface, start=list(start))


def regions(x: Any = None, y: Any = None, name: str = "yours") -> Figure:
    """Train a small network on points in the plane: `x` (N, 2) with labels `y` of 0 and 1, or made ones."""
    alt = "Points of two classes, the regions a small network gives them, and what each hidden unit sees"
    yours = {} if x is None else {name: [np.round(x, 3), np.asarray(y, int)]}
    return Figure("regions", alt, points=yours)


PICTURES = [
    ["0000000", "0333330", "0000030", "0000300", "0003000", "0030000", "0030000"],
    ["1111222", "1111222", "1111222", "1111222", "0000000", "0000000", "0000000"],
]
ACROSS, HERE_ONLY = [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], [[0, 0, 0], [0, 1, 0], [0, 0, 0]]
KERNELS = {
    "edge, left to right": [ACROSS, ACROSS],
    "edge, top to bottom": [np.transpose(ACROSS)] * 2,
    "blur": [np.full((3, 3), 1 / 9).round(3)] * 2,
    "sharpen": [[[0, -1, 0], [-1, 5, -1], [0, -1, 0]]] * 2,
    "shift left": [[[0, 0, 0], [0, 0, 1], [0, 0, 0]]] * 2,
    "first channel minus second": [HERE_ONLY, np.negative(HERE_ONLY)],
}


def kernel(pictures: Any = None, kernels: dict[str, Any] | None = None) -> Figure:
    """Slide a 3 by 3 kernel over pictures (2, N, N), its two channels; kernels: name -> (2, 3, 3)."""
    if pictures is None:
        pictures = [[[int(v) for v in row] for row in picture] for picture in PICTURES]
    alt = "A picture of numbers with the window of a kernel, and the output whose cell is its sum"
    return Figure("kernel", alt, pictures=pictures, kernels=kernels or KERNELS)


def reads_digits() -> Figure:
    """Draw a digit and see a small CNN, trained by tools/digit_reader.py, read it: no arguments."""
    alt = "A digit on paper of 28 by 28 pixels, ten bars of probability, and the maps of two convolutions"
    return Figure(
        "reads_digits", alt, **json.loads((HERE / "digit_reader.json").read_text("utf-8"))
    )


def bits(weights: Any = None, name: str = "yours") -> Figure:
    """Round weights to 2 to 6 bits and choose the range: `weights`, or the last layer's of `reads_digits`."""
    if weights is None:
        name = "of the digit reader"
        packed = json.loads((HERE / "digit_reader.json").read_text("utf-8"))["arrays"][4]
        weights = np.frombuffer(base64.b64decode(packed["bytes"]), np.int8).astype(int)
    alt = "A histogram of weights with the levels they are rounded to; errors of rounding and clipping"
    return Figure("bits", alt, weights=np.round(weights, 4).ravel(), called=name)


def pairs(
    names: Sequence[str] = ("cat", "dog", "car", "bus", "sun"),
    pictures: Sequence[float] = (100, 160, 310, 20, 230),
    words: Sequence[float] = (210, 60, 130, 330, 290),
) -> Figure:
    """Turn `pictures` and `words`, directions in degrees, until each picture finds its name by contrast."""
    alt = "Pictures and names as points on a circle, pulled to their partners, and a table of which name fits"
    return Figure("pairs", alt, names=list(names), pictures=list(pictures), words=list(words))


def boxes(
    pair: Sequence[Sequence[float]] = ((1, 1, 5, 5), (3, 3, 8, 7)),
    found: Sequence[Sequence[float]] = (
        (1, 5.5, 3.5, 9), (1.2, 5.2, 3.8, 8.6), (4.2, 4.8, 7, 8.4), (5.6, 5, 8.4, 8.5),
        (5.4, 5.4, 8, 8.6), (6.5, 0.7, 9, 3), (3.2, 0.6, 5.8, 4.1), (1.6, 6.1, 4, 9.4)),
    scores: Sequence[float] = (0.95, 0.8, 0.9, 0.75, 0.6, 0.85, 0.5, 0.4),
    truths: Sequence[Sequence[float]] = ((1, 5.4, 3.6, 9), (4.2, 5, 7, 8.5), (5.7, 5, 8.5, 8.6)),
) -> Figure:  # fmt: skip
    """Drag a `pair` of boxes; suppress among the boxes `found`; all are left, lower, right, upper."""
    alt = (
        "Two boxes to drag and their overlap, scored boxes with a threshold of suppression, and the "
        "steps of precision over recall that follow"
    )
    parts = {"pair": pair, "boxes": found, "truths": truths}
    return Figure("boxes", alt, scores=list(scores), **{k: np.array(v) for k, v in parts.items()})


def credit(start: Sequence[float] = (1.2, 0.6), baseline: Sequence[float] = (0.0, 0.0)) -> Figure:
    """Share out what f gains from `baseline` to `start` between two inputs, by five methods."""
    alt = (
        "A function of two inputs with two points to drag, and how five methods share out its rise"
    )
    return Figure("credit", alt, start=list(start), baseline=list(baseline))


def fairness(
    bases: Sequence[float] = (0.5, 0.3), thresholds: Sequence[float] = (0.5, 0.5), bars: int = 20
) -> Figure:
    """Select from two groups by `thresholds` of a calibrated score; `bases`: the shares that have it."""
    alt = "Scores of two groups with a threshold each to drag, and four rates that the groups may share"
    return Figure("fairness", alt, bases=list(bases), thresholds=list(thresholds), bars=bars)


STACKS = {
    "three kernels of 3": [(3, 1, 1)] * 3,
    "one kernel of 7": [(7, 1, 1)],
    "dilation 1, 2, 4": [(3, 1, 1), (3, 1, 2), (3, 1, 4)],
    "three strides of 2": [(3, 2, 1)] * 3,
    "conv conv pool, twice": [(3, 1, 1), (3, 1, 1), (2, 2, 1)] * 2,
}


def receptive(stacks: dict[str, Any] | None = None, pixels: int = 31) -> Figure:
    """Show what a unit sees of `pixels` in a row; stacks: name -> layers (kernel, stride, dilation)."""
    alt = "Units of three layers above a row of pixels, and the cone of those that one unit sees"
    return Figure("receptive", alt, stacks=stacks or STACKS, pixels=pixels)


def through_time(steps: int = 60, hidden: int = 16) -> Figure:
    """Gradients going back `steps` steps in a plain network and an LSTM of `hidden` units each."""
    alt = "Size of the gradient over the steps back, for a plain recurrent network and for an LSTM"
    return Figure("through_time", alt, steps=steps, hidden=hidden)


# Of each word: is a thing, is a doing, asks for a thing, asks for a doing; and its place as a clock.
SENTENCE = {
    "the": (-1.2, -0.4, 1, 0),
    "cat": (1, 0.1, 0, 1),
    "saw": (0.1, 1, 1, 0),
    "a": (-0.7, -0.9, 1, 0),
    "dog": (0.85, 0.3, 0, 1),
    "and": (-1.3, -1.1, 0, 1),
    "it": (0.45, -0.4, 1.5, 0),
    "slept": (-0.1, 0.8, 1, 0),
}
HAND = 0.6  # how far the clock turns at each word: never round, or the last would precede the first
CLOCK = [(math.cos(HAND * t), math.sin(HAND * t)) for t in range(len(SENTENCE))]
BACK = [[math.cos(HAND), math.sin(HAND)], [-math.sin(HAND), math.cos(HAND)]]  # one word back


def pick(part: Any, start: int) -> np.ndarray:
    """A matrix (2, 6) that has `part` where it meets two of the six numbers, and 0 elsewhere."""
    W = np.zeros((2, 6))
    W[:, start : start + 2] = part
    return W.round(4)


HEADS = {
    "what it asks for": (pick(2 * np.eye(2), 2), pick(2 * np.eye(2), 0), pick(np.eye(2), 0)),
    "the word before": (
        pick(np.multiply(3.5, BACK), 4),
        pick(3.5 * np.eye(2), 4),
        pick(np.eye(2), 0),
    ),
}


def attention(words: Sequence[str] | None = None, x: Any = None, heads: Any = None) -> Figure:
    """Attend from word to word: x (T, D), heads: name -> (W_q, W_k, W_v), each (2, D)."""
    if words is None:
        words = list(SENTENCE)
        x = np.concatenate([list(SENTENCE.values()), CLOCK], axis=1).round(4)
    alt = (
        "A word that asks, with lines to the words it looks at, as wide as their weights are large"
    )
    return Figure("attention", alt, words=words, x=x, heads=heads or HEADS)


# An LSTM set by hand. Inputs: quotation mark, (, ), letter, no letter; 20 against -10 opens a gate.
UNITS = {
    # name: for i, f, g, o the weights of the inputs, the weights of the four h, and the bias
    "inside quotes": (
        ([20, 0, 0, 0, 0], [0, 0, 0, 0], -10),
        ([-20, 0, 0, 0, 0], [0, 0, 0, 0], 10),
        ([0, 0, 0, 0, 0], [-4, 0, 0, 0], 3.04),  # 1 where h was 0, and 0 where it was 0.76
        ([0, 0, 0, 0, 0], [0, 0, 0, 0], 10),
    ),
    "open brackets": (
        ([0, 20, 20, 0, 0], [-20, 0, 0, 0], -10),  # shut inside quotes
        ([0, 0, 0, 0, 0], [0, 0, 0, 0], 10),
        ([0, 5, -5, 0, 0], [0, 0, 0, 0], 0),
        ([0, 0, 0, 0, 0], [0, 0, 0, 0], 10),
    ),
    "was no letter": (
        ([0, 0, 0, 0, 0], [0, 0, 0, 0], 10),
        ([0, 0, 0, 0, 0], [0, 0, 0, 0], -10),
        ([0, 0, 0, 0, 5], [0, 0, 0, 0], 0),
        ([0, 0, 0, 0, 0], [0, 0, 0, 0], 10),
    ),
    "letters in the word": (
        ([0, 0, 0, 20, 0], [0, 0, 0, 0], -10),
        ([0, 0, 0, -14, 0], [0, 0, -20, 0], 24),  # shut at a letter after none
        ([0, 0, 0, 5, 0], [0, 0, 0, 0], 0),
        ([0, 0, 0, 0, 20], [0, 0, 0, 0], -10),  # shown when the word is over
    ),
}
BY_HAND = [[unit[gate][part] for gate in range(4) for unit in UNITS.values()] for part in range(3)]


def gates(text: str = 'she (the "(loud" one) said (so (far))') -> Figure:
    """Read a text with an LSTM of four units, set by hand, and show its gates; the reader types on."""
    alt = "A text, and under each of its characters the cell and the gates of four units of an LSTM"
    return Figure("gates", alt, text=text, units=list(UNITS), weights=BY_HAND)
