"""What is wrong with an input, said once, for people.

Every fault found in a file or an option is a `Problem`; they are gathered and raised together as one
`InputError`, so that a person mends a file in one go. The command line prints them and exits with code 2.
"""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from model._version import NAME


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault: where it is, what is wrong, what would be right."""

    what: str
    hint: str = ""
    file: str = ""
    line: int | None = None
    path: str = ""

    def __str__(self) -> str:
        place = self.file + (f", line {self.line}" if self.line else "")
        where = ": ".join(part for part in (place, self.path) if part)
        text = f"{where}: {self.what}" if where else self.what
        return visible(f"{text}. {self.hint}" if self.hint else text)


class InputError(ValueError):
    """The input cannot be used; `problems` says all of it at once."""

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        self.problems = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def __reduce__(self) -> tuple[type[InputError], tuple[tuple[Problem, ...]]]:
        return InputError, (self.problems,)  # so that it travels between processes whole


def visible(text: str) -> str:
    r"""Text in which characters that cannot be seen, or that turn the direction of others, are shown by their numbers.

    >>> visible("a\u202eb"), visible("one\ntwo")
    ('a<U+202E>b', 'one\ntwo')
    """
    return "".join(
        f"<U+{ord(letter):04X}>"
        if unicodedata.category(letter) in ("Cc", "Cf", "Co", "Cs") and letter not in "\n\t"
        else letter
        for letter in text
    )


NO_LETTERS = "\ufffe\uffff"


def unreadable(text: str) -> str:
    r"""Characters of a text that no document takes, by their numbers: control characters but for line ends and tabs.

    >>> unreadable("a\x00b\x1b"), unreadable("one\ntwo")
    ('U+0000, U+001B', '')
    """
    bad = [c for c in text if (unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t") or c in NO_LETTERS]
    return ", ".join(f"U+{ord(c):04X}" for c in dict.fromkeys(bad))


def near(word: str, known: Iterable[str]) -> str:
    """A "did you mean" for `word`, or nothing where no known word is close."""
    matches = difflib.get_close_matches(word, list(known), n=3, cutoff=0.6)
    return f"Did you mean {' or '.join(matches)}?" if matches else ""


def to_install(extra: str) -> str:
    """How to install a package that only some commands need, by the name of the extra."""
    return f"pip install '{NAME}[{extra}]'"
