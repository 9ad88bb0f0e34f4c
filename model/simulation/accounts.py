"""How the outcomes of a business hang together: what is the sum of what, what is counted on a day, what can be negative."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Accounts:
    """How the reported outcomes of a business hang together.

    sums   : outcome -> the outcomes that it is the sum of
    stocks : outcomes counted on a day, such as users: no sum of a year's quarters
    signed : outcomes that can lie below 0
    counts : whether all others cannot; without it any outcome may be negative
    """

    sums: Mapping[str, Sequence[str]] = field(default_factory=dict)
    stocks: Sequence[str] = ()
    signed: Sequence[str] = ()
    counts: bool = False

    def can_be_negative(self, outcome: str) -> bool:
        """Whether a figure of an outcome, or of a sum of outcomes, can lie below 0."""
        return not self.counts or any(name in self.signed for name in (part.strip() for part in outcome.split("+")))


ANY = Accounts()  # of a business that does not say
