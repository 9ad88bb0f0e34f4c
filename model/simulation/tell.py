"""What long work says of itself as it goes on."""

from __future__ import annotations

from collections.abc import Callable

Tell = Callable[[str, float], None]  # a word on where the work is, and the share of that part which is done


def silent(_word: str, _share: float) -> None:
    """Say nothing."""
