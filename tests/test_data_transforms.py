"""Augmentation: what becomes of single pixels, how often, and that a seed means the same again."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import dlbook
from dlbook.data import DataLoader, transforms
from dlbook.data.transforms import (
    ColorJitter,
    Compose,
    Cutout,
    Normalize,
    RandomAffine,
    RandomCrop,
    RandomHorizontalFlip,
    RandomRotation,
    RandomVerticalFlip,
    affine,
)

ALL = [
    Normalize([0.1, 0.2, 0.3], [0.5, 1.0, 2.0]),
    RandomHorizontalFlip(),
    RandomVerticalFlip(),
    RandomCrop(6, padding=2, fill=0.5),
    RandomRotation(30),
    RandomAffine(20, (0.1, 0.2), (0.8, 1.2), 10, fill=1.0),
    ColorJitter(0.3, 0.3, 0.3, 0.1),
    Cutout(3),
    Compose([RandomHorizontalFlip(), RandomCrop((5, 4)), Normalize(0.5, 0.25)]),
]


def pictures(n=40, c=3, h=7, w=6, dtype=np.float32, seed=0):
    return np.random.default_rng(seed).random((n, c, h, w)).astype(dtype)


@pytest.mark.parametrize("transform", ALL, ids=repr)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_pure_seeded_and_of_the_same_dtype(transform, dtype):
    x = pictures(dtype=dtype)
    before = x.copy()
    x.flags.writeable = False
    y = transform(x, 3)
    assert (x == before).all()
    assert y.dtype == dtype
    assert y.shape[:2] == x.shape[:2]
    assert (y == transform(x, np.random.default_rng(3))).all()
    dlbook.manual_seed(5)
    first = transform(x)
    dlbook.manual_seed(5)
    assert (first == transform(x)).all()
    if not isinstance(transform, Normalize):
        assert (y != transform(x, 4)).any()
    # each picture has its own draw: the same picture forty times is not one result forty times
    same = transform(np.repeat(x[:1], 40, axis=0), 3)
    distinct = len({picture.tobytes() for picture in same})
    assert distinct == 1 if isinstance(transform, Normalize) else distinct > 1
    assert (eval(repr(transform), vars(transforms))(x, 3) == y).all(), "its repr makes it again"
    assert transform(x[:0], 0).shape == (0, *y.shape[1:]), "no pictures are no error"


def test_flips():
    x = pictures(4000, 1, 2, 3)
    for transform, axis in ((RandomHorizontalFlip(0.3), 3), (RandomVerticalFlip(0.3), 2)):
        y = transform(x, 0)
        mirrored = (y == np.flip(x, axis)).all(axis=(1, 2, 3))
        assert ((y == x).all(axis=(1, 2, 3)) ^ mirrored).all()
        assert abs(mirrored.mean() - 0.3) < 0.03
        assert (type(transform)(1.0)(x) == np.flip(x, axis)).all()
        assert (type(transform)(0)(x) == x).all()


def test_crop_takes_every_window_equally_often():
    x = pictures(1, 2, 4, 5)
    padded = np.pad(x[0], ((0, 0), (1, 1), (1, 1)), constant_values=0.5)
    y = RandomCrop((4, 5), padding=1, fill=0.5)(np.repeat(x, 9000, axis=0), 0)
    counts = [
        (y == padded[:, i : i + 4, j : j + 5]).all(axis=(1, 2, 3)).sum()
        for i in range(3)
        for j in range(3)
    ]
    assert sum(counts) == 9000
    assert min(counts) > 900
    assert (RandomCrop((4, 5))(x) == x).all()
    with pytest.raises(ValueError, match=r"size=\(9, 9\) is larger than the padded pictures"):
        RandomCrop(9, padding=1)(x)


@given(st.integers(1, 5), st.integers(1, 9), st.integers(1, 9), st.integers(0, 2**32))
def test_affine_is_torchs_bilinear_grid_sample(n, h, w, seed):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 2, h, w))
    M = np.eye(2) + 0.6 * rng.normal(size=(n, 2, 2)) + np.eye(2) * rng.choice([0, 1])
    M[np.abs(np.linalg.det(M)) < 0.1] = np.eye(2)
    t = 3 * rng.normal(size=(n, 2))
    # torch wants where each output place looks, in (column, row) and in units of half the size
    back = np.linalg.inv(M)[:, ::-1, ::-1]
    half = np.array([w, h]) / 2
    shift = -(back @ t[:, ::-1, None])[..., 0]
    theta = np.concatenate([back * half / half[:, None], (shift / half)[..., None]], axis=2)
    grid = torch.nn.functional.affine_grid(torch.tensor(theta), list(x.shape), align_corners=False)
    want = torch.nn.functional.grid_sample(torch.tensor(x - 0.3), grid, align_corners=False)
    np.testing.assert_allclose(affine(x, M, t, fill=0.3), want.numpy() + 0.3, atol=1e-11)


def test_affine_turns_and_moves_the_way_it_says():
    x = pictures(3, 1, 5, 5, np.float64)
    for transform, want in (
        (RandomRotation((90, 90)), np.rot90(x, axes=(2, 3))),  # counter-clockwise
        (RandomAffine((180, 180)), x[:, :, ::-1, ::-1]),
        (RandomRotation((0, 0)), x),
    ):
        np.testing.assert_allclose(transform(x), want, atol=1e-12)
    dot = np.zeros((1, 1, 5, 5))
    dot[0, 0, 2, 3] = 1  # to the right of the centre
    assert np.argwhere(affine(dot, np.eye(2)[None], np.array([[1.0, -2.0]]))[0, 0]).tolist() == [
        [3, 1]
    ]
    twice = RandomAffine(scale=(2, 2))(dot)[0, 0]
    assert np.argwhere(twice == 1).tolist() == [[2, 4]]
    line = np.zeros((1, 1, 5, 5))
    line[..., 2] = 1
    leaning = RandomAffine(shear=(45, 45))(line)[0, 0]
    np.testing.assert_allclose(leaning, np.eye(5)[:, ::-1], atol=1e-12)
    gone = RandomAffine(scale=(1e-3, 1e-3), fill=0.25)(x)
    assert (gone[:, :, [0, -1]] == 0.25).all()


def test_affine_draws_cover_their_ranges():
    # the centre of gravity of a dot tells how far it went
    x = np.zeros((3000, 1, 21, 41))
    x[:, :, 10, 20] = 1
    rows, columns = np.indices((21, 41)) - np.array([10, 20])[:, None, None]
    y = RandomAffine(translate=(0.25, 0.1))(x, 0)[:, 0]
    side, up = (y * columns).sum(axis=(1, 2)), (y * rows).sum(axis=(1, 2))
    for value, largest in ((side, 0.25 * 41), (up, 0.1 * 21)):
        assert 0.98 * largest < value.max() <= largest + 1e-9
        assert -largest - 1e-9 <= value.min() < -0.98 * largest
        assert abs(value.mean()) < 0.03 * largest
    x = np.zeros((3000, 1, 21, 21))
    x[:, :, 10, 14:19] = 1
    rows, columns = np.indices((21, 21)) - 10
    y = RandomRotation((10, 50))(x, 0)[:, 0]
    angle = np.degrees(np.arctan2(-(y * rows).sum(axis=(1, 2)), (y * columns).sum(axis=(1, 2))))
    assert 9.5 < angle.min() < 11
    assert 49 < angle.max() < 50.5
    assert abs(angle.mean() - 30) < 1


def test_colour_jitter_by_hand():
    x = np.array([[0.2, 0.6], [0.4, 0.0], [0.8, 0.4]]).reshape(1, 3, 1, 2)
    x = np.repeat(x, 2000, axis=0)
    grey = 0.299 * x[:, 0] + 0.587 * x[:, 1] + 0.114 * x[:, 2]

    y = ColorJitter(brightness=0.5)(x, 0)
    f = y[:, 0, 0, 0] / 0.2
    assert 0.5 <= f.min() < 0.51 < 1.49 < f.max() <= 1.5
    np.testing.assert_allclose(y, np.clip(f[:, None, None, None] * x, 0, 1))
    assert (y.max(axis=0) <= 1).all()

    y = ColorJitter(contrast=0.5)(x, 0)
    mean = grey.mean(axis=(1, 2))[:, None, None, None]
    f = ((y - mean) / (x - mean))[:, 0, 0, 1][:, None, None, None]
    assert 0.5 <= f.min() < 0.51 < 1.49 < f.max() <= 1.5
    np.testing.assert_allclose(y, np.clip(mean + f * (x - mean), 0, 1))

    y = ColorJitter(saturation=0.5)(x, 0)
    f = ((y[:, 0] - grey) / (x[:, 0] - grey))[:, 0, 0]
    assert 0.5 <= f.min() < 0.51
    np.testing.assert_allclose(
        y, np.clip(grey[:, None] + f[:, None, None, None] * (x - grey[:, None]), 0, 1)
    )
    y = ColorJitter(brightness=2.0)(x, 0)
    assert (y.max(axis=(1, 2, 3)) > 0).all(), "never a negative factor: not one is black"
    y = ColorJitter(brightness=0.9)(x[:, :1], 0)
    assert y.max() == 1, "a grey picture stays within 0..1 too"
    np.testing.assert_allclose(
        ColorJitter(0, 0, 0, 0)(x), x, err_msg="no strength, no change", atol=1e-15
    )


def test_hue_is_a_turn_about_grey():
    x = pictures(500, 3, 2, 2, np.float64) * 0.3 + 0.35  # far from the edges: nothing is clipped
    y = ColorJitter(hue=0.5)(x, 0)
    np.testing.assert_allclose(y.sum(axis=1), x.sum(axis=1))
    centred = x - x.mean(axis=1, keepdims=True)
    np.testing.assert_allclose(
        ((y - y.mean(axis=1, keepdims=True)) ** 2).sum(axis=1), (centred**2).sum(axis=1)
    )
    red = np.array([1.0, 0, 0])
    np.testing.assert_allclose(transforms._turns(np.array([1 / 3]))[0] @ red, [0, 1, 0], atol=1e-12)
    np.testing.assert_allclose(transforms._turns(np.zeros(1))[0], np.eye(3))


def test_cutout():
    x = np.ones((5000, 2, 6, 5))
    y = Cutout(3, fill=-1.0)(x, 0)
    assert set(np.unique(y)) == {-1.0, 1.0}
    assert (y[:, 0] == y[:, 1]).all(), "all channels lose the same square"
    area = (y[:, 0] < 0).sum(axis=(1, 2))
    assert set(area.tolist()) == {4, 6, 9}, "whole, cut at an edge, cut at a corner"
    # every pixel is a centre equally often: the hole is 9 pixels for the 4 x 3 inner centres
    assert abs((area == 9).mean() - 12 / 30) < 0.03
    assert abs((area == 4).mean() - 4 / 30) < 0.03


def test_normalize_and_compose():
    x = pictures()
    y = Normalize([0.1, 0.2, 0.3], [0.5, 1.0, 2.0])(x)
    for c, (mean, std) in enumerate(((0.1, 0.5), (0.2, 1.0), (0.3, 2.0))):
        np.testing.assert_allclose(y[:, c], (x[:, c] - mean) / std, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(Normalize(0.5, 2)(x), (x - 0.5) / 2)
    one, two = RandomHorizontalFlip(1.0), Normalize(1.0, 1.0)
    assert (Compose([one, two])(x) == x[..., ::-1] - 1).all()
    white = np.ones((50, 3, 9, 9), np.float32)  # whose interpolation rounds to above 1
    y = Compose([RandomRotation(40, fill=1.0), ColorJitter(0.1)])(white, 0)
    assert y.max() == 1
    rng = np.random.default_rng(1)
    parts = [RandomCrop(5), RandomRotation(10)]
    assert (Compose(parts)(x, 1) == parts[1](parts[0](x, rng), rng)).all()
    doubled = Compose([lambda x, rng: 2 * x])(x)
    assert (doubled == 2 * x).all(), "any function of (x, rng) will do"


def test_the_loader_transforms_its_pictures():
    x, y = pictures(10), np.arange(10)
    flip = RandomHorizontalFlip(1.0)
    for batch, labels in DataLoader((x, y), 4, shuffle=True, rng=0, transform=flip):
        assert (batch == x[labels][..., ::-1]).all()
    alone = next(iter(DataLoader(x, 10, transform=flip)))
    assert (alone == x[..., ::-1]).all()
    crop = RandomCrop(7, padding=3)
    one, two = (DataLoader((x, y), 4, shuffle=True, rng=7, transform=crop) for _ in range(2))
    first = [b for b, _ in one]
    assert all((a == b).all() for a, (b, _) in zip(first, two, strict=True)), "one seed for all"
    assert any((a != b).any() for a, (b, _) in zip(first, one, strict=True)), "new each epoch"
    with pytest.raises(TypeError, match=r"transform=0.5: expected a function of \(x, rng\)"):
        DataLoader(x, 4, transform=0.5)


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        ("RandomHorizontalFlip(1.5)", ValueError, r"p=1.5: expected .* \[0, 1\]"),
        ("RandomCrop(0)", ValueError, "size=0: expected an integer of at least 1"),
        ("RandomCrop(4, padding=-1)", ValueError, "padding=-1"),
        ("RandomRotation((20, -20))", ValueError, r"degrees=\(20, -20\).*low first"),
        ("RandomRotation(-5)", ValueError, "degrees=-5.*or a number >= 0"),
        ("RandomRotation((1, 2, 3))", ValueError, "expected two numbers"),
        ("RandomAffine(scale=1.2)", ValueError, "scale=1.2: expected two numbers"),
        ("RandomAffine(scale=(0, 1))", ValueError, r"scale=0.*\(0, inf\)"),
        ("RandomAffine(shear=90)", ValueError, "shear=-90"),
        ("RandomAffine(translate=(0.1, 2))", ValueError, "translate=2"),
        ("ColorJitter(hue=0.7)", ValueError, r"hue=0.7.*\[0, 0.5\]"),
        ("ColorJitter(contrast=-1)", ValueError, "contrast=-1"),
        ("Cutout(0)", ValueError, "size=0"),
        ("Cutout(2, fill=np.nan)", ValueError, "fill=nan"),
        ("Normalize(0, 0)", ValueError, "std above 0"),
        ("Normalize([0, 0], [1, 1])(pictures())", ValueError, "mean has 2 numbers.*3 ch"),
        ("Compose(Cutout(3))", TypeError, "expected a list of transforms"),
        ("Compose([1])", TypeError, "expected a list of transforms"),
        ("ColorJitter(0.1)(2 * pictures())", ValueError, "expected colours from 0 to 1; Nor"),
        ("ColorJitter(0.1)(pictures(c=4))", ValueError, r"expected 3 channels"),
        ("ColorJitter(hue=0.1)(pictures(c=1))", ValueError, r"expected 3 channels"),
        ("Cutout(3)(pictures()[0])", ValueError, r"for one picture, x\[None\]"),
        ("Cutout(3)(pictures()[0, 0])", ValueError, r"expected \(N, C, H, W\)$"),
        ("Cutout(3)(pictures().astype(np.uint8))", TypeError, r"astype\(np.float32\) / 255"),
        ("Cutout(3)(torch.zeros(1, 3, 4, 4))", TypeError, "got a Tensor: expected a NumPy"),
    ],
)
def test_mistakes_are_told(call, error, text):
    with pytest.raises(error, match=text):
        eval(call)


def test_grey_pictures_keep_their_one_channel():
    x = pictures(c=1)
    y = ColorJitter(brightness=0.2, contrast=0.2)(x, 0)
    assert y.shape == x.shape
    assert (y != x).any()


def test_a_sibling_is_no_subclass():
    """isinstance(RandomVerticalFlip(), RandomHorizontalFlip) is False, and so on."""
    classes = [
        c
        for c in vars(transforms).values()
        if isinstance(c, type) and c.__module__ == transforms.__name__
    ]
    public = [c for c in classes if not c.__name__.startswith("_")]
    assert {(a, b) for a in public for b in public if a is not b and issubclass(a, b)} == {
        *((a, transforms.Transform) for a in public if a is not transforms.Transform),
        (RandomRotation, RandomAffine),
    }
    assert not isinstance(RandomVerticalFlip(), RandomHorizontalFlip)
    assert not isinstance(RandomHorizontalFlip(), RandomVerticalFlip)
