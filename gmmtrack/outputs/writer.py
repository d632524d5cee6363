"""Writer: what results are written to, one after the other."""

from types import TracebackType
from typing import Protocol, Self

from gmmtrack.outputs.result import Result


class Writer(Protocol):
    """What results are written to, one after the other; a context manager that closes itself."""

    def write(self, result: Result) -> None:
        """Write one frame's result; raise OutputError where it cannot be written."""
        ...

    def close(self) -> None:
        """Finish the file; raise OutputError where that fails. A second call does nothing."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
