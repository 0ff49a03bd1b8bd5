import numpy as np
import pytest
import torch
from hypothesis import settings

import dlbook

settings.register_profile("steady", deadline=None, derandomize=True)
settings.load_profile("steady")  # the same examples each time, however slow the machine
torch.set_num_threads(1)  # the test run has two workers on two cores


@pytest.fixture
def rng():
    """The same numbers in every test."""
    return np.random.default_rng(0)


@pytest.fixture(autouse=True)
def same_weights_every_time():
    """What a test draws does not depend on which tests ran before it."""
    dlbook.manual_seed(0)
    torch.manual_seed(0)
