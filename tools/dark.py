"""Every figure has a twin for dark pages: chapters/dark/HASH.webp, named after the picture for light ones.

In the kernels of tools/notebooks.py, `install` draws both; _ext/twins.py puts both into the pages.
"""

import base64
import contextlib
import hashlib
import io
import time
import warnings
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).resolve().parent.parent / "chapters" / "dark"
GROUND, INK = np.full(3, 0x12 / 255), np.full(3, 0xDE / 255)  # the theme's dark page, and its black


def twin_of(png):
    """Where the twin of a picture is. A picture that was drawn anew has none, rather than an old one."""
    return FOLDER / f"{hashlib.sha256(png).hexdigest()[:16]}.webp"


def contrast(a, b):
    """As WCAG defines it, between two colours (3,)."""
    rgb = np.array([a, b])
    linear = np.where(rgb <= 0.03928, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    low, high = sorted(linear @ [0.2126, 0.7152, 0.0722])
    return (high + 0.05) / (low + 0.05)


def dark(color):
    """A colour for dark pages: greys are turned round, other colours become as light as text must be."""
    from matplotlib.colors import to_rgba

    *rgb, alpha = to_rgba(color)
    rgb = np.array(rgb)
    if np.ptp(rgb) < 0.1:
        rgb = INK + (GROUND - INK) * rgb
    while np.ptp(rgb) >= 0.1 and contrast(rgb, GROUND) < 4.5:
        rgb += 0.02 * (1 - rgb)
    return (*rgb, alpha)


@contextlib.contextmanager
def darkened(fig):
    """A figure in the colours of dark pages. What is drawn on a picture stays as it is."""
    from matplotlib import axis, collections, contour, image, lines, patches, spines, text
    from matplotlib.colors import to_rgba

    before = []

    def change(artist, *names, to=dark):
        many = isinstance(artist, collections.Collection)
        for name in names:  # what follows another colour comes before it
            old = getattr(artist, f"get_{name}")()
            before.append((artist, name, old))
            artist.set(**{name: [*map(to, old)] if many else to(old)})

    def is_picture(artist):
        filled = isinstance(artist, contour.ContourSet) and artist.filled
        return filled or isinstance(artist, image.AxesImage | collections.QuadMesh)

    pictures = [ax for ax in fig.axes if any(map(is_picture, ax.get_children()))]
    inside = [child for ax in pictures for child in ax.get_children()]
    inside += [line for ax in pictures for line in (*ax.get_xgridlines(), *ax.get_ygridlines())]
    around = axis.Axis | spines.Spine | text.Text
    kept = {part for child in inside if not isinstance(child, around) for part in child.findobj()}
    for mapped in set(fig.findobj(collections.Collection)) - kept:
        if getattr(mapped, "colors", None) is not None:  # contour lines in a colour of their own
            before.append((mapped, "array", mapped.get_array()))
            mapped.set_array(None)
        elif mapped.get_array() is not None:
            kept.add(mapped)
    labels = [label for label in fig.findobj(text.Text) if label.get_text()]
    tied = [t.get_bbox_patch() for t in labels if t.axes not in pictures]
    tied += [getattr(t, "arrow_patch", None) for t in labels if t.axes not in pictures]
    for artist in [*set(fig.findobj()) - kept, *tied]:
        if isinstance(artist, lines.Line2D):
            change(artist, "markerfacecolor", "markeredgecolor", "color")
        elif isinstance(artist, patches.Patch | collections.Collection):
            change(artist, "edgecolor", "facecolor")

    # A text is light or dark as what it stands on asks for.
    inks = {label: label.get_color() for label in labels}
    for label in labels:
        change(label, "color", to=lambda _: "none")
    fig.canvas.draw()
    under = np.asarray(fig.canvas.buffer_rgba())[::-1, :, :3] / 255  # rows from below
    for label, ink in inks.items():
        place = np.clip(label.get_window_extent().get_points(), 0, max(under.shape))
        (left, low), (right, high) = place.astype(int)
        ground = under[low : high + 1, left : right + 1].reshape(-1, 3)
        ground = np.median(ground, axis=0) if len(ground) else GROUND
        label.set_color(
            max(dark(ink), to_rgba(ink), key=lambda color, on=ground: contrast(color[:3], on))
        )
    try:
        yield
    finally:
        for artist, name, old in reversed(before):
            artist.set(**{name: old})


def install():
    """In a kernel: a figure that is displayed leaves its twin in FOLDER."""
    from IPython.core import pylabtools

    print_figure = pylabtools.print_figure

    def print_both(fig, **settings):
        shown = print_figure(fig, **settings)
        if shown:
            start = time.process_time()
            with darkened(fig), warnings.catch_warnings(action="ignore"):
                twin = base64.b64decode(print_figure(fig, **settings))
            save(twin, twin_of(base64.b64decode(shown)))
            print_both.seconds += time.process_time() - start
        return shown

    print_both.seconds = 0.0  # that no reader spends
    pylabtools.print_figure = print_both


def save(png, path):
    from PIL import Image

    path.parent.mkdir(exist_ok=True)
    Image.open(io.BytesIO(png)).convert("RGB").save(path, lossless=True, quality=100)
