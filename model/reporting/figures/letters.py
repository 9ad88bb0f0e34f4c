"""Letters that the figures' own font does not have: drawn in another font that is installed, or named in one sentence."""

from __future__ import annotations

import multiprocessing
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import matplotlib as mpl
from matplotlib import font_manager
from matplotlib.figure import Figure
from matplotlib.text import Text

PLACEHOLDERS = ("Last Resort",)  # fonts that draw a box for every letter
_said: set[str] = set()


def said_already() -> set[str]:
    """The letters that were said to be missing."""
    return set(_said)


def missing(figure: Figure) -> str:
    """Letters of a figure's texts that no font of its style has, each once, in their order."""
    letters = dict.fromkeys(
        letter
        for text in figure.findobj(Text)
        for letter in text.get_text()
        if ord(letter) > ord("~") and letter.isprintable()
    )
    families = mpl.rcParams["font.family"]
    held = [_letters_of(font_manager.findfont(family)) for family in families] if letters else []
    return "".join(letter for letter in letters if not any(ord(letter) in known for known in held))


@lru_cache(maxsize=32)
def _letters_of(file: str) -> frozenset[int]:
    try:
        return frozenset(font_manager.get_font(file).get_charmap())
    except (OSError, RuntimeError):
        return frozenset()


@lru_cache(maxsize=32)
def families_with(letters: str) -> tuple[str, ...]:
    """Installed fonts that together have as many of the letters as any do: those with the most of them first."""
    wanted, found = {ord(letter) for letter in letters}, list[str]()
    fonts = {
        entry.name: _letters_of(entry.fname) & wanted
        for entry in font_manager.fontManager.ttflist
        if entry.style == "normal" and not entry.name.startswith(PLACEHOLDERS)
    }
    while wanted and fonts:
        name = max(sorted(fonts), key=lambda each: len(fonts[each] & wanted))
        if not fonts[name] & wanted:
            break
        found.append(name)
        wanted -= fonts[name]
    return tuple(found)


def say_missing(letters: str) -> None:
    """One sentence about letters that cannot be drawn, once for each set of them."""
    if letters and letters not in _said:
        _said.add(letters)
        if multiprocessing.parent_process() is not None:  # one of several that draw: the first of them says it for all
            return
        what = f"The figures' font has no glyphs for {letters}: they are drawn as boxes."
        print(f"{what} Install a font that has them, or name one in --style (font.family)", file=sys.stderr)


@contextmanager
def quiet() -> Iterator[None]:
    """Without matplotlib's warning for each letter that a font does not have."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        yield


def with_families(more: Sequence[str]) -> Any:
    """The setting of a style with fonts to fall back on."""
    return {"font.family": [*mpl.rcParams["font.family"], *more]}
