import numpy as np
import pytest
import torch

torch.set_num_threads(1)  # the test run has two workers on two cores


@pytest.fixture
def rng():
    """The same numbers in every test."""
    return np.random.default_rng(0)
