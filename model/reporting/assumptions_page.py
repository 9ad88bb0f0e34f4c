"""docs/assumptions.md: every assumption of the base case with its numbers, what they imply, and its source.

python -m model.reporting.assumptions_page > docs/assumptions.md
"""

from __future__ import annotations

import numpy as np

from model.assumptions.assumption import Assumption, Assumptions, said
from model.assumptions.load import load
from model.reporting.inputs_text import public_numbers
from model.simulation.formatting import in_unit

INTRO = """\
# Assumptions of the base case

As known on {as_of:%-d %B %Y}; hash `{hash}`. Generated from `assumptions.toml` by `make docs`: edit that file, not this one.
P1 and P99 are what the numbers given imply; for months and quarters, of the first one. `known` is the day on which the source was known,
by default that of the case; public numbers are what others said of it, with their percentile here. {counts}
"""
GRADES = ("reported", "derived", "estimate", "judgement")


def text(assumptions: Assumptions) -> str:
    """The page."""
    entries = assumptions.entries.values()
    counts = ", ".join(f"{sum(e.evidence == grade for e in entries)} {grade}" for grade in GRADES)
    out = [INTRO.format(as_of=assumptions.about.as_of, hash=assumptions.hash, counts=f"Evidence: {counts}.")]
    about, target = assumptions.about, assumptions.target
    out.append(f"**Question.** {about.question} **Resolved by:** {about.resolution}\n")
    out.append(
        f"**Target.** {target.label}: {target.value:,.0f} {target.unit}, {target.outcome} in {target.period}. {target.source}. {target.why}\n"
    )
    table = ""
    for entry in entries:
        head = entry.path.rpartition(".")[0] or entry.path
        if head != table:
            table = head
            out += [
                "",
                f"## `{table}`",
                "",
                "| assumption | given | P1 | P99 | unit | evidence | known | source | why | public numbers |",
                "|---|---|--:|--:|---|---|---|---|---|---|",
            ]
        out.append(_row(entry))
    out += ["", "## Correlations", "", "| between | rank | why |", "|---|--:|---|"]
    out += [f"| `{c.between[0]}`, `{c.between[1]}` | {c.rank:+g} | {c.why} |" for c in assumptions.correlations]
    out += ["", "## Not modelled", "", *(f"- {risk}" for risk in assumptions.about.not_modelled)]
    return "\n".join(out) + "\n"


def _row(a: Assumption) -> str:
    low = high = ""
    if a.distribution.uncertain:
        low, high = (
            in_unit(float(v), a.unit) for v in np.atleast_2d(a.distribution.quantile(np.array([0.01, 0.99])))[0]
        )
    cells = (
        f"`{a.path.rpartition('.')[2]}` {a.label}",
        said(a.distribution, a.unit),
        low,
        high,
        a.unit,
        a.evidence,
        a.as_of.isoformat(),
        a.source,
        a.why,
        "; ".join(public_numbers(a)),
    )
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


if __name__ == "__main__":
    print(text(load()), end="")
