"""The errors that gmmtrack raises on purpose.

GmmtrackError            whatever a caller can put right
├── ArgumentError        an argument or setting out of its bounds (also a ValueError)
├── NotFittedError       an estimator asked before it was fitted (also a ValueError and an AttributeError)
├── SourceError          frames that cannot be read (also an OSError)
├── OutputError          results that cannot be written (also an OSError)
└── MissingExtraError    an optional package that is not installed (also an ImportError)

ConvergenceWarning       a fit that ended before it settled (a UserWarning, no error)

Any other error that escapes is a bug.
"""


class GmmtrackError(Exception):
    """Whatever a caller can put right; its message is one line that says how."""


class ArgumentError(GmmtrackError, ValueError):
    """An argument or setting out of its bounds."""


class NotFittedError(GmmtrackError, ValueError, AttributeError):
    """An estimator asked before it was fitted."""


class SourceError(GmmtrackError, OSError):
    """Frames that cannot be read."""


class OutputError(GmmtrackError, OSError):
    """Results that cannot be written."""


class MissingExtraError(GmmtrackError, ImportError):
    """An optional package that is not installed."""


class ConvergenceWarning(UserWarning):
    """A fit that ended before it settled."""
