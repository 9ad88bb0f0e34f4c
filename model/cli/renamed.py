"""Old names of commands: each says its new one."""

from __future__ import annotations

from model.cli.options import command
from model.errors import InputError, Problem

NOW = {
    "swings": "tornado",
    "diff": "why moved --since DAY|REV",
    "learned": "why learned",
    "explain": "why hits",
    "variance": "why spread",
}


def _old(name: str, new: str) -> None:
    def run() -> None:
        raise InputError(Problem(f"`{name}` is called `{new.split(' --', maxsplit=1)[0]}` now", f"model {new}"))

    run.__name__, run.__doc__ = name, f"The old name of `model {new}`."
    command(renamed=True)(run)


for _name, _new in NOW.items():
    _old(_name, _new)
