"""The package's own errors: each is a subclass of the builtin that others raise there."""


class DataFormatError(ValueError):
    """A data file does not hold what its format promises."""


class CheckpointError(ValueError):
    """A saved state does not fit the model it should be loaded into."""


class NonFiniteError(FloatingPointError):
    """A number that must be finite is NaN or infinite."""
