"""What a memo is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Heading:
    """A heading; level 1 is the memo's title."""

    text: str
    level: int = 2


@dataclass(frozen=True)
class Paragraph:
    """Running text; `note` where it stands small below something."""

    text: str
    note: bool = False


@dataclass(frozen=True)
class Bullets:
    """Short points."""

    items: Sequence[str]


@dataclass(frozen=True)
class Grid:
    """A table of text; columns whose place is in `numbers` stand to the right. `widths`: shares of the page."""

    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    numbers: frozenset[int] = frozenset()
    widths: Sequence[float] | None = None


@dataclass(frozen=True)
class Image:
    """A figure by its file's stem (its finding stands in it), what it shows, and the text for those who cannot see it."""

    name: str
    caption: str
    alt: str


@dataclass(frozen=True)
class Dial:
    """Where a format can: the distribution with a target to drag. Elsewhere nothing."""


@dataclass(frozen=True)
class PageBreak:
    """Where a format has pages: what follows begins on a new one."""


Block = Heading | Paragraph | Bullets | Grid | Image | Dial | PageBreak
