"""Variance shares: how much of an outcome's variance each assumption, or each group of them, brings.

Three numbers a player (an assumption, a group, or the month-to-month noise):

- its **Shapley effect**: the shares of all players add up to 1, whether they are correlated or not
  (Owen 2014; for dependent inputs Song, Nelson, Staum 2016);
- where it is independent of all others, its **first-order** Sobol index (alone) and its **total** one (with all its
  interactions). Where it is not, neither means what it says, and neither is given.

One independent draw of everything is turned into another, a player at a time, in an order that differs from block to
block of draws; what each step does to the outcome, set against the first draw, is the player's share (Goda 2021).
Correlated assumptions are turned by the Cholesky factor of the order at hand, so that those not yet turned are drawn
as they are given the others, and each step keeps the joint distribution.

>>> from model import from_dict
>>> from model.studies.sources import Prior
>>> a = from_dict({"x": {"mean": 0, "sd": 2}, "y": {"mean": 0, "sd": 1}})
>>> study = Study(a, Prior(lambda d: {"s": d["x"] + d["y"]}, draws=8192))
>>> [f"{s.name} {s.share.value:.1f}" for s in variance(study, Metric("s"))]
['x 0.8', 'y 0.2', 'month-to-month noise 0.0']
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from scipy import stats

from model.assumptions.assumption import Assumption, Assumptions
from model.errors import InputError, Problem, near
from model.files.table import Findings, Table, aligned
from model.simulation.measures import Measure, by_replicate, standard_error
from model.simulation.metric import Metric, metric
from model.simulation.parallel import Workers
from model.simulation.sampling.digital_net import REPLICATES
from model.studies.evaluate import Progress
from model.studies.shapley import PermutationEstimator, counted
from model.studies.study import Study

ROUNDING = 1e-12  # of itself, by which a number can differ between two ways to compute it
GROUPINGS = ("assumption", "table", "segment", "evidence")
NOISE = "month-to-month noise"
CONFIDENCE = 0.95
SHOWN = 15  # rows on the screen
_T = float(stats.t(REPLICATES - 1).ppf((1 + CONFIDENCE) / 2))


@dataclass(frozen=True)
class Share:
    """What one player brings to the variance; measures are shares of it, with their simulation errors."""

    name: str
    label: str
    members: tuple[str, ...]
    share: Measure
    first: Measure | None  # None where the player is correlated with others
    total: Measure | None


@dataclass(frozen=True)
class Variance(Findings[Share]):
    """A share for each player, largest first."""

    what: Metric
    by: str
    items: tuple[Share, ...]
    figure: ClassVar = "variance"

    @property
    def recipe(self) -> Mapping[str, Any]:
        """What to ask for again."""
        return {"study": "variance", "measure": self.what.text, "by": self.by}

    def table(self) -> Table:
        """A row a player: share with its 95% interval, first-order and total index where they mean something."""
        columns = (
            self.by, "label", "assumptions", "share", "error", "low", "high", "first order", "first error", "total",
            "total error", "correlated",
        )  # fmt: skip
        none = Measure(None, None)
        rows = [
            (
                s.name, s.label, len(s.members), *s.share, *interval(s.share), *(s.first or none), *(s.total or none),
                s.first is None,
            )
            for s in self.items
        ]  # fmt: skip
        return Table(columns, rows)

    def lines(self, shown: int = SHOWN) -> list[str]:
        """The shares in words."""
        what = self.what
        of = f"hit or miss of {what}" if what.statistic == "chance" else str(what).removeprefix("mean of ")
        out = [
            f"Variance of {of}: share of each (Shapley; all add up to 100%), 95% interval; Sobol indices where they mean something",
        ]
        rows = [("share", "95% interval", "alone", "in all", "")]
        for s in self.items[:shown]:
            low, high = interval(s.share)
            sobol = ("correlated", "")
            if s.first is not None and s.total is not None:
                sobol = _percent(s.first.value), _percent(s.total.value)
            count = f" ({len(s.members)} assumptions)" if len(s.members) > 1 else ""
            within = f"{_percent(low)} to {_percent(high)}"
            rows.append((_percent(s.share.value), within, *sobol, f"{s.name}{count}"))
        out += aligned(rows, ">>>><")
        judged = next((s for s in self.items if s.name == "judgement"), None)
        if judged:
            out.append(f"This much of the variance rests on judgement: {_percent(judged.share.value)}")
        rest = self.items[shown:]
        if rest:
            together = sum(float(s.share.value) for s in rest)
            out.append(f"  {_percent(together)}  the {len(rest)} others together")
        return out


def variance(
    study: Study,
    what: Metric,
    *,
    by: str = "assumption",
    workers: Workers | None = None,
    progress: Progress | None = None,
) -> Variance:
    """The share of each player, largest first.

    what : an outcome's mean (the variance is the outcome's) or a chance (that of hit or miss)
    by : what the players are, one of `GROUPINGS`

    Raises InputError for another statistic, and where the outcome does not vary or is not finite.
    """
    if what.statistic not in ("mean", "chance"):
        hint = f"{what.outcome}, or a chance: {what.outcome}>=NUMBER"
        raise InputError(Problem(f"the {what.statistic} of an outcome has no variance to share out", hint))
    players = _players(study, by)
    own = counted(study.rows([what])[0], what)
    if np.ptp(own) == 0:
        raise InputError(Problem("does not vary: there is nothing to share out", path=what.outcome))
    estimator = PermutationEstimator(study, what, tuple(players.values()))
    steps: list[tuple[str, int]] = [("path", n) for n in range(len(players))]
    steps += [("swap", n) for n, members in enumerate(players.values()) if not tied(study.assumptions, members)]
    rows = {("path", len(players)): own}
    for done, (number, row) in enumerate((workers or Workers()).each(estimator, _step, steps), start=1):
        rows[steps[number]] = row
        if progress:
            progress(done, len(steps))
    path = np.stack([rows["path", n] for n in range(len(players) + 1)])
    other = path[0]  # everything drawn anew
    half = (own - other) ** 2 / 2  # its mean is the variance; the shares of all players add up to it, draw by draw
    spread = ((own - own.mean()) ** 2 + (other - other.mean()) ** 2) / 2
    found = []
    for n, (name, members) in enumerate(players.items()):
        place = estimator.place(n)[None]
        before, after = (np.take_along_axis(path, place + k, axis=0)[0] for k in (0, 1))
        moved = np.where(np.abs(after - before) > ROUNDING * np.abs(own), after - before, 0.0)
        share = _ratio((own - (before + after) / 2) * moved, half, study.replicate)
        first = total = None
        if ("swap", n) in rows:
            swapped = rows["swap", n]
            first = _ratio((other - other.mean()) * (swapped - own), spread, study.replicate)  # Saltelli 2010
            total = _ratio((own - swapped) ** 2 / 2, spread, study.replicate)  # Jansen 1999
        label = study.assumptions[name].label if name in study.assumptions.entries else name
        found.append(Share(name, label, members, share, first, total))
    return Variance(what, by, tuple(sorted(found, key=lambda s: (-float(s.share.value), s.name))))


def interval(m: Measure) -> tuple[float, float]:
    """95% confidence interval of a share, from the replicates (Student's t with 7 degrees of freedom)."""
    return float(m.value - _T * m.error), float(m.value + _T * m.error)


def tied(assumptions: Assumptions, members: Sequence[str]) -> bool:
    """Whether any member is correlated with an assumption that is not one of them."""
    inside = set(members)
    return any(
        len(inside.intersection(pair.between)) == 1
        for pair in assumptions.correlations
        if all(assumptions[path].distribution.uncertain for path in pair.between)
    )


def _players(study: Study, by: str) -> dict[str, tuple[str, ...]]:
    """Members of each player; the noise has none."""
    if by not in GROUPINGS:
        raise InputError(Problem(f"no grouping '{by}'", near(by, GROUPINGS) or f"One of: {', '.join(GROUPINGS)}"))
    name: Callable[[Assumption], str] = {
        "assumption": lambda a: a.path,
        "table": lambda a: a.path.rpartition(".")[0] or a.path,
        "segment": lambda a: a.path.partition(".")[0],
        "evidence": lambda a: a.evidence,
    }[by]
    players: dict[str, tuple[str, ...]] = {}
    for a in study.assumptions.entries.values():
        if a.distribution.uncertain:
            players[name(a)] = (*players.get(name(a), ()), a.path)
    return {**players, NOISE: ()}


def _ratio(top: np.ndarray, bottom: np.ndarray, replicate: np.ndarray) -> Measure:
    each = by_replicate(top, replicate).mean(axis=-1) / by_replicate(bottom, replicate).mean(axis=-1)
    return Measure(float(top.mean() / bottom.mean()), float(standard_error(each)))


def _step(estimator: PermutationEstimator, step: tuple[str, int]) -> np.ndarray:
    kind, number = step
    if kind == "swap":
        return estimator.row([n != number for n in range(len(estimator.players))])
    return estimator.row([estimator.place(n) < number for n in range(len(estimator.players))])


def _percent(x: float) -> str:
    return f"{100 * x:.1f}%"


def again(study: Study, recipe: Mapping[str, Any]) -> Table:
    """The table that a recipe makes on a study's draws."""
    what = metric(recipe["measure"], study.assumptions, study.business)
    return variance(study, what, by=recipe["by"]).table()
