"""Reading ahead: what takes time to make, made in a thread of its own a few items before it is asked for."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

from gmmtrack.errors import ArgumentError

T = TypeVar("T")


def read_ahead(items: Iterable[T], depth: int = 4) -> Iterator[T]:
    """Return `items`, made up to `depth` ahead in a thread, so that decoding overlaps with what follows.

    Closing what is returned, or dropping it, ends the thread; an error in `items` is raised where the next one would
    have come. ArgumentError if depth < 1.
    """
    if depth < 1:
        raise ArgumentError(f"depth must be >= 1, got {depth!r}")
    return _taken(_Belt(items, depth))


def _taken(belt: _Belt[T]) -> Iterator[T]:
    belt.start()
    try:
        while (item := belt.take()) is not None:
            yield item[0]
    finally:
        belt.stop()


class _Belt(Generic[T]):
    """A short queue of items between the thread that fills it and the one that takes from it."""

    def __init__(self, items: Iterable[T], depth: int) -> None:
        self._source = items
        self._depth = depth
        self._items: deque[T] = deque()
        self._change = threading.Condition()
        self._stopped = False
        self._finished = False
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._fill, name="gmmtrack-read-ahead", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def take(self) -> tuple[T] | None:
        """Return the next item, in a tuple, or None after the last; raise what making them raised."""
        with self._change:
            self._change.wait_for(lambda: self._items or self._finished)
            if self._items:
                self._change.notify_all()
                return (self._items.popleft(),)
        error, self._error = self._error, None
        if error is not None:
            raise error
        return None

    def stop(self) -> None:
        """End the thread and wait for it."""
        with self._change:
            self._stopped = True
            self._change.notify_all()
        self._thread.join()

    def _fill(self) -> None:
        try:
            for item in self._source:
                if not self._put(item):
                    break
        except BaseException as error:  # handed over to the thread that takes
            self._error = error
        finally:
            with self._change:
                self._finished = True
                self._change.notify_all()

    def _put(self, item: T) -> bool:
        """Wait for room and add an item; tell whether more are wanted."""
        with self._change:
            self._change.wait_for(lambda: len(self._items) < self._depth or self._stopped)
            self._items.append(item)
            self._change.notify_all()
            return not self._stopped
