"""For every run of pytest: one thread a worker, no progress bars, GPU cells only where there is a GPU."""

import os
import tempfile

import pytest

# Set before NumPy is imported; notebook kernels inherit them.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ["TQDM_DISABLE"] = "1"
if not os.access(os.path.expanduser("~"), os.W_OK):  # matplotlib would say so in a cell's output
    os.environ.setdefault("MPLCONFIGDIR", tempfile.mkdtemp())


def needs_gpu(item):
    cell = getattr(item, "cell", None)  # only notebook cells have one
    tags = cell.metadata.get("tags", []) if cell else []
    return "gpu" in tags or item.get_closest_marker("gpu") is not None


def pytest_collection_modifyitems(items):
    gpu_items = [item for item in items if needs_gpu(item)]
    if not gpu_items:
        return
    import torch  # late: it takes more than a second

    if not torch.cuda.is_available():
        for item in gpu_items:
            item.add_marker(pytest.mark.skip(reason="needs a GPU"))
