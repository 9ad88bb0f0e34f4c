"""The style of all figures: colours, settings of matplotlib, a user's own laid over them; and what a figure is."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from importlib import resources
from pathlib import Path
from typing import Any, ParamSpec

import matplotlib as mpl
from matplotlib.figure import Figure

from model.errors import InputError, Problem
from model.files.table import Table
from model.files.toml_reader import bytes_of
from model.reporting.figures import letters

NAVY, TEAL, WINE, ORANGE, GREY, LILAC = "#12436D", "#28A197", "#801650", "#F46A25", "#3D3D3D", "#A285D1"
BAND = ("#C3DAF0", "#6BACE6", "#2073BC")  # of a fan, from the outside in; edges are drawn too
STYLE = resources.files("model.reporting.figures") / "memo.mplstyle"
Asked = ParamSpec("Asked")


@dataclass
class Picture:
    """A drawn figure and all that goes beside it."""

    figure: Figure
    title: str
    alt: str
    table: Table


_over: dict[str, Any] = {}


def styled() -> Any:
    """The style of all figures, as a context."""
    own: Any = mpl.rc_params_from_file(str(STYLE), use_default_template=True)
    own.update(_over)
    return mpl.rc_context(own)


def in_style(draw: Callable[Asked, Picture]) -> Callable[Asked, Picture]:
    """A function that draws, in the style of all figures."""

    @wraps(draw)
    def drawn(*args: Asked.args, **named: Asked.kwargs) -> Picture:
        with styled(), letters.quiet():
            made = draw(*args, **named)
            lacking = letters.missing(made.figure)
            more = letters.families_with(lacking) if lacking else ()
            if more:
                with mpl.rc_context(letters.with_families(more)):
                    made = draw(*args, **named)
                    lacking = letters.missing(made.figure)
            letters.say_missing(lacking)
            return made

    return drawn


# Settings of matplotlib by which a file could load a module, start a program or choose a folder.
NOT_LOOKS = frozenset(
    {
        "backend",
        "backend_fallback",
        "interactive",
        "savefig.directory",
        "toolbar",
        "text.usetex",
        "text.latex.preamble",
        "ps.usedistiller",
    }
)
BEYOND_LOOKS = ("animation.", "pgf.", "webagg.", "tk.", "keymap.")


def lay_over(style: Path | None) -> None:
    """Lay a user's style file over that of the figures; None takes it off. InputError where it is no style."""
    _over.clear()
    if style is None:
        return
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            bytes_of(style)
            found: Any = mpl.rc_params_from_file(str(style), use_default_template=False)
    except (OSError, ValueError, Warning) as error:
        what = "no such file" if isinstance(error, OSError) else f"is no style: {error}".strip()
        raise InputError(Problem(what, "A file of matplotlib settings: font.family: Arial", file=str(style))) from None
    beyond = [key for key in found if key in NOT_LOOKS or key.startswith(BEYOND_LOOKS)]
    if beyond:
        said = f"sets {', '.join(beyond)}: that is not how a figure looks, but what runs and where it writes"
        raise InputError(Problem(said, "Leave it out of the style", file=str(style)))
    if not found:
        raise InputError(Problem("holds no setting that matplotlib knows", "font.family: Arial", file=str(style)))
    _over.update(found)
