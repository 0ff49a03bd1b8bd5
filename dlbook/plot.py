"""Figures in the book's style; the only file that imports matplotlib."""

from collections.abc import Callable, Mapping, Sequence
from importlib.resources import as_file, files
from typing import Any

import matplotlib.pyplot as plt
import numpy as np

# Okabe and Ito's colours, told apart with any kind of colour vision
BLUE, ORANGE, GREEN, RED, PURPLE, SKY, GREY = (
    "#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#6b6b6b",
)  # fmt: skip


def use_style() -> None:
    """Set the book's matplotlib style for the rest of the session."""
    with as_file(files("dlbook") / "book.mplstyle") as path:
        plt.style.use(path)


def drawing(name: str) -> Any:
    """Return one of the pictures in dlbook/drawings, which a notebook shows: drawing("lstm_cell")."""
    from IPython.display import SVG  # it is there wherever a notebook is

    return SVG((files("dlbook") / "drawings" / f"{name}.svg").read_text("utf-8"))


def curves(history: Mapping[str, Sequence[float]], *names: str, ax: Any = None) -> Any:
    """Draw lists of numbers, one per epoch, with validation dashed; returns the axes."""
    ax = ax or plt.subplots()[1]
    for name in names or history:
        y = history[name]
        ax.plot(range(1, len(y) + 1), y, "--" if name.startswith("val_") else "-", label=name)
    ax.set(xlabel="epoch")
    ax.xaxis.get_major_locator().set_params(integer=True)
    ax.legend()
    return ax


def range_test(lr: Sequence[float], loss: Sequence[float], ax: Any = None) -> Any:
    """Draw the loss over the learning rate on a logarithmic axis; returns the axes."""
    ax = ax or plt.subplots()[1]
    ax.semilogx(lr, loss)
    ax.set(xlabel="learning rate", ylabel="loss of the batch")
    return ax


def images(x: np.ndarray, titles: Any = None, columns: int = 10, size: float = 0.72) -> Any:
    """Draw pictures (N, 1, H, W), (N, 3, H, W) or (N, H, W) in a grid; returns the figure."""
    n = len(x)
    rows = -(-n // columns)
    height = size * (1.35 if titles is not None else 1.05)
    fig, axes = plt.subplots(rows, columns, figsize=(columns * size, rows * height), squeeze=False)
    for k, ax in enumerate(axes.flat):
        ax.set_axis_off()
        if k < n:
            picture = np.moveaxis(x[k], 0, -1).squeeze() if x[k].ndim == 3 else x[k]
            ax.imshow(picture, cmap="gray_r", interpolation="nearest")
            if titles is not None:
                ax.set_title(titles[k], fontsize=10, loc="center")
    return fig


def confusion(matrix: np.ndarray, labels: Sequence[Any] | None = None, ax: Any = None) -> Any:
    """Draw a confusion matrix (rows: truth, columns: prediction) with its counts."""
    size = max(3.0, 0.42 * len(matrix))
    ax = ax or plt.subplots(figsize=(size, size))[1]
    wrong = np.where(np.eye(len(matrix), dtype=bool), 0, matrix)  # colour shows the mistakes
    ax.imshow(wrong, cmap="Oranges", vmin=0, vmax=max(1, wrong.max()) * 1.3)
    for row, column in np.ndindex(matrix.shape):
        count = matrix[row, column]
        weight = "bold" if row == column else "normal"
        ax.text(column, row, str(count) if count else "·", ha="center", va="center", weight=weight)
    ticks = range(len(matrix))
    names = labels if labels is not None else ticks
    ax.set(xlabel="predicted", ylabel="true", xticks=ticks, yticks=ticks, xticklabels=names,
           yticklabels=names)  # fmt: skip
    ax.grid(False)
    return ax


def decision_regions(
    predict: Callable[[np.ndarray], np.ndarray], x: np.ndarray, y: np.ndarray, ax: Any = None,
    resolution: int = 200,
) -> Any:  # fmt: skip
    """Colour the plane by `predict` (points (M, 2) -> numbers (M,)) and draw the points x, y."""
    ax = ax or plt.subplots()[1]
    low, high = x.min(0) - 0.5, x.max(0) + 0.5
    xs, ys = (np.linspace(low[k], high[k], resolution) for k in (0, 1))
    grid = np.stack(np.meshgrid(xs, ys), axis=-1).reshape(-1, 2).astype(x.dtype)
    z = np.asarray(predict(grid), dtype=float).reshape(resolution, resolution)
    ax.contourf(xs, ys, z, levels=20, cmap="PuOr", alpha=0.55)
    for label, color, marker in zip(np.unique(y), (ORANGE, BLUE, GREEN, RED), "o^sD", strict=False):
        here = x[y == label]
        ax.scatter(here[:, 0], here[:, 1], c=color, marker=marker, edgecolors="k", s=28, lw=0.5,
                   label=str(label))  # fmt: skip
    return ax
