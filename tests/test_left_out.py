"""What is left out on purpose, and why, in one table that the errors and the reference print."""

import pytest
import torch

import dlbook
from dlbook.left_out import LEFT_OUT, missing

ROOMS = {"nn": torch.nn, "functional": torch.nn.functional, "optim": torch.optim}


@pytest.mark.parametrize("name", LEFT_OUT)
def test_it_is_pytorchs_and_not_ours(name):
    room, what = name.split(".")
    assert hasattr(ROOMS[room], what)
    with pytest.raises(AttributeError) as caught:
        getattr(getattr(dlbook, room), what)
    assert str(caught.value) == f"dlbook.{room} has no {what!r}, on purpose: {LEFT_OUT[name]}"


def test_other_names_are_just_not_there():
    for room in ROOMS:
        assert str(missing(room, "nonsense")) == f"dlbook.{room} has no 'nonsense'"
        assert not hasattr(getattr(dlbook, room), "nonsense")


def test_the_table_reads_as_it_is_written():
    assert len(LEFT_OUT) > 25
    assert LEFT_OUT["functional.normalize"].endswith("mean 0 and variance 1 is F.standardize")
    assert LEFT_OUT["optim.Adagrad"] == "RMSprop is Adagrad with a memory that fades"
