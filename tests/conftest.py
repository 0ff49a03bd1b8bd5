import numpy as np
import pytest
import torch
from hypothesis import settings

settings.register_profile("steady", deadline=None, derandomize=True)
settings.load_profile("steady")  # the same examples each time, however slow the machine
torch.set_num_threads(1)  # the test run has two workers on two cores


@pytest.fixture
def rng():
    """The same numbers in every test."""
    return np.random.default_rng(0)
