"""A progress bar on standard error that appears only once the work takes long."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Self, TypeVar

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

__all__ = ["Bar", "with_progress"]

_PATIENCE = 2.0
"""Seconds after which the bar says that there is work going on."""

T = TypeVar("T")


def with_progress(entries: Sequence[T], doing: str) -> Iterator[T]:
    """Give entries one by one; `doing` says beside the bar what is being done with them."""
    with Bar(doing) as bar:
        for n, entry in enumerate(entries):
            bar.step(n, len(entries))
            yield entry


class Bar:
    """The bar of one piece of work; `doing` says what is being done."""

    def __init__(self, doing: str) -> None:
        self.doing = doing
        self.begun = time.monotonic()
        self.shown: tuple[Progress, TaskID] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        if self.shown is not None:
            self.shown[0].stop()

    def step(self, done: int, total: int) -> None:
        """Say how far the work is."""
        if self.shown is None and time.monotonic() - self.begun > _PATIENCE:
            from rich.console import Console
            from rich.progress import Progress

            progress = Progress(console=Console(stderr=True), transient=True)
            self.shown = (progress, progress.add_task(self.doing, total=total))
            progress.start()
        if self.shown is not None:
            self.shown[0].update(self.shown[1], completed=done)
