"""The same weights elsewhere: the names are PyTorch's, so a state moves as it is."""

from typing import Any

from .module import Module

__all__ = ["copy_from_torch", "copy_to_torch", "load_safetensors", "save_safetensors"]


def copy_to_torch(ours: Module, theirs: Any) -> Any:
    """Copy parameters and buffers of `ours` into the torch.nn.Module `theirs`, and return it.

    Each keeps its own dtype. Raises torch's RuntimeError, naming them, for names or shapes that
    differ.
    """
    import torch

    # A copy: torch would share memory with the NumPy array, and write into it.
    theirs.load_state_dict({name: torch.tensor(a) for name, a in ours.state_dict().items()})
    return theirs


def copy_from_torch(theirs: Any, ours: Module) -> Module:
    """Copy parameters and buffers of the torch.nn.Module `theirs` into `ours`, and return it.

    Raises CheckpointError, naming them, for names, shapes or dtypes that differ.
    """
    ours.load_state_dict(theirs.state_dict())
    return ours


def save_safetensors(model: Module, path: Any) -> None:
    """Write parameters and buffers to a file that PyTorch and others read (package safetensors)."""
    from safetensors.numpy import save_file  # an optional extra: dlbook.save needs nothing

    save_file(model.state_dict(), path)


def load_safetensors(model: Module, path: Any) -> Module:
    """Set parameters and buffers from such a file, and return the model; errors as load_state_dict."""
    from safetensors.numpy import load_file

    model.load_state_dict(load_file(path))
    return model
