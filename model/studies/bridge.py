"""A bridge between two sets of assumptions: what changed, and what each change does to a measure.

The move of the measure is split by Shapley's rule: each change's part is what it adds, averaged over all orders in
which the changes could be made, so that the parts add up to the whole and no order is favoured. All on the same
draws (common random numbers), so that nothing in a part is chance.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from model.assumptions.assumption import ABSENT, Assumptions, said
from model.assumptions.distributions.base import Distribution
from model.assumptions.distributions.time_varying import TimeVarying
from model.assumptions.layers.members import open_groups
from model.assumptions.snapshot import inputs_of, of_manifest
from model.files.table import Table, Tabled
from model.simulation import formatting, measures
from model.simulation.business import Business, Function, business_of
from model.simulation.defaults import DRAWS, SEED
from model.simulation.measures import Measure
from model.simulation.metric import Metric, measured, metric
from model.studies.shapley import exact
from model.studies.sources import Prior
from model.studies.study import Study

EXACT = 7  # changes of which every order is looked at; of more, `ORDERS` pairs of orders
ORDERS = 24
AT_HAND = 4  # studies kept at a time; one that is asked for again later is made again
GONE = "(gone)"


MOVES = 3  # digits of the largest move


@dataclass(frozen=True)
class Step:
    """One change between two sets of assumptions."""

    name: str  # a path, a new member of a group, `correlations` or `target`
    label: str
    said: str  # old -> new, with the unit
    paths: tuple[str, ...]


@dataclass(frozen=True)
class Part:
    """What a change does to the measure."""

    step: Step
    move: Measure


@dataclass(frozen=True)
class Bridge(Tabled):
    """From one case to another."""

    old: Assumptions
    new: Assumptions
    what: Metric
    start: Measure
    end: Measure
    parts: tuple[Part, ...]  # largest first; they add up to end - start
    difference: np.ndarray  # (draw,) of the outcome, new less old, draw by draw
    replicate: np.ndarray
    figure: ClassVar = "bridge"

    @property
    def beats(self) -> Measure:
        """Chance that the outcome is higher in the new case, draw by draw."""
        return measures.mean((self.difference > 0).astype(float), replicate=self.replicate)

    @property
    def _moves(self) -> list[Measure]:
        return [part.move for part in self.parts]

    @property
    def whole(self) -> float:
        """The move of the measure from the old case to the new."""
        return float(self.end.value - self.start.value)

    @property
    def recipe(self) -> Mapping[str, Any]:
        """What to ask for again, with the inputs it comes from."""
        origin = {"scenario": self.old.scenario, **inputs_of(self.old)}
        return {"study": "bridge", "measure": self.what.text, "from": origin}

    def table(self) -> Table:
        """A row for the start, each change, the end."""
        unit = self.what.unit
        rows: list[tuple[object, ...]] = [(self.old.scenario, "", unit, *self.start)]
        rows += [(part.step.name, part.step.said, unit, *part.move) for part in self.parts]
        return Table(("step", "change", "unit", "value", "error"), [*rows, (self.new.scenario, "", unit, *self.end)])

    def lines(self) -> list[str]:
        """The bridge in words: start, each change with its part, end, and the difference draw by draw."""
        say, unit = formatting.signed_in(self.what.unit, self._moves, MOVES)
        if not self.parts:
            return ["Nothing differs."]
        percent = "%" if unit == "pp" else f" {unit}"
        scale = formatting.scale_of(self.what.unit)[0]
        places = formatting.places_of(self.what.unit, self._moves, MOVES)
        more = formatting.agreeing(scale * float(self.start.value), scale * float(self.end.value), places)
        start, end = (say(m.value, more=more) for m in (self.start, self.end))
        out = [f"{self.what}: {start}{percent} ({self.old.scenario}) -> {end}{percent} ({self.new.scenario})"]
        out += [
            f"  {say(part.move.value, '+', more):>9} ± {formatting.error_beside(float(part.move.error), self.what.unit, more)}  {part.step.name}: {part.step.said}"
            for part in self.parts
        ]
        out.append(
            f"  {say(self.whole, '+', more):>9} {unit} in all; the parts add up to it (Shapley over the changes, common random numbers)"
        )
        found = measures.quantile(self.difference, (0.1, 0.5, 0.9), replicate=self.replicate)
        levels = found.value
        say, unit = formatting.signed_in(self.what.outcome_unit, map(measures.Measure, levels, found.error), MOVES)
        low, mid, high = (say(v, "+") for v in levels)
        out.append(
            f"{self.what.outcome}, draw by draw: P10 {low}, P50 {mid}, P90 {high} {unit}; "
            f"higher with the changes in {formatting.chance(self.beats)} of draws"
        )
        return out


def steps(old: Assumptions, new: Assumptions) -> list[Step]:
    """What changed: assumptions one by one, whole new or gone members of a group, correlations, the target."""
    found: dict[str, Step] = {}
    groups = [*open_groups(old.entries), *open_groups(new.entries)]
    for path in sorted(old.entries.keys() | new.entries.keys()):
        was, now = old.entries.get(path), new.entries.get(path)
        if was and now:
            if said(was.distribution) != said(now.distribution):
                text = f"{differing(was.distribution, now.distribution)} {now.unit}"
                found[path] = Step(path, now.label, text, (path,))
            continue
        group = _group_of(path, groups, old.entries if now else new.entries)
        name = f"{group}.{path[len(group) + 1 :].partition('.')[0]}" if group else path
        paths = (*found[name].paths, path) if name in found else (path,)
        entry = was or now
        label = name if group or entry is None else entry.label
        found[name] = Step(name, label, f"{ABSENT} -> new" if now else f"there -> {GONE}", paths)
    if sorted(_between(old.pairs, new.entries)) != sorted(_between(new.pairs, old.entries)):
        found["correlations"] = Step("correlations", "Correlations", "changed", ())
    if old.target.value != new.target.value:
        text = f"{old.target.value:,.0f} -> {new.target.value:,.0f} {new.target.unit}"
        found["target"] = Step("target", "Target", text, ())
    return list(found.values())


def _group_of(path: str, groups: Iterable[str], other: Iterable[str]) -> str:
    """The outermost group of which a path's member is not among others; nothing where there is none."""
    for group in sorted(groups, key=len):
        member = f"{group}.{path[len(group) + 1 :].partition('.')[0]}."
        if path.startswith(f"{group}.") and not any(each.startswith(member) for each in other):
            return group
    return ""


def differing(was: Distribution, now: Distribution) -> str:
    """`p50 17,500 -> 21,000`: only what differs, where both are of one kind; of a change within the year, that."""
    for one, other, order in ((was, now, 1), (now, was, -1)):
        if isinstance(other, TimeVarying) and said(other.before) == said(one):
            return " -> ".join([said(one), f"from {other.first} {said(other.after)}"][::order])
    if was.kind == now.kind and was.uncertain and not was.periods:
        old, new = ([part.split(" ", 1) for part in said(d).split(", ")] for d in (was, now))
        if [key for key, *_ in old] == [key for key, *_ in new]:
            return ", ".join(f"{o[0]} {o[1]} -> {n[1]}" for o, n in zip(old, new, strict=True) if o != n)
    return f"{said(was)} -> {said(now)}"


def bridge(
    old: Assumptions,
    new: Assumptions,
    business: Business | Function,
    what: Metric,
    *,
    draws: int = DRAWS,
    seed: int = SEED,
    make: Callable[[Assumptions], Study] | None = None,
    check: Callable[[], None] = lambda: None,
) -> Bridge:
    """Split the move of a measure from `old` to `new` over what changed.

    what : the measure; a chance of the old case's own target is that of each case's own
    make : the study of a case, by default on the draws that the seed makes; check : called before each run of the model
    """
    changes, known = steps(old, new), business_of(business)
    prior = Prior(known, draws=draws, seed=seed)
    made = make or (lambda case: Study(case, prior))
    cases = _Cases(old, new, what, changes, made, check)
    everything = frozenset(range(len(changes)))
    first, last = cases.estimates(frozenset()), cases.estimates(everything)
    parts = [
        Part(step, measured(part)) for step, part in zip(changes, _shapley(cases, len(changes), seed), strict=True)
    ]
    size = cases.study(frozenset()).size
    rows = [cases.row(chosen) for chosen in (frozenset[int](), everything)]
    return Bridge(
        old,
        new,
        what,
        what.measured(first, size),
        what.measured(last, size),
        tuple(sorted(parts, key=lambda p: (-abs(float(p.move.value)), p.step.name))),
        rows[1] - rows[0],
        cases.study(frozenset()).replicate,
    )


def _shapley(cases: _Cases, count: int, seed: int) -> list[np.ndarray]:
    """Each change's part of the estimates (1 + replicate,)."""
    if count > EXACT:
        rng = np.random.default_rng(seed)
        some = [rng.permutation(count) for _ in range(ORDERS)]
        orders = [order for one in some for order in (one, one[::-1])]
        parts = np.zeros((count, len(cases.estimates(frozenset()))))
        for order in orders:
            before: frozenset[int] = frozenset()
            for change in map(int, order):
                after = before | {change}
                parts[change] += (cases.estimates(after) - cases.estimates(before)) / len(orders)
                before = after
        return list(parts)
    return exact(count, cases.estimates)


class _Cases:
    """The cases between two, each with some of the changes made; none is computed twice."""

    def __init__(
        self,
        old: Assumptions,
        new: Assumptions,
        what: Metric,
        changes: Sequence[Step],
        make: Callable[[Assumptions], Study],
        check: Callable[[], None],
    ) -> None:
        self.old, self.new, self.what, self.changes, self.make, self.check = old, new, what, changes, make, check
        self._studies: dict[frozenset[int], Study] = {}
        self._known: dict[frozenset[int], np.ndarray] = {}
        # changes that add or take away draws, or tie them to others: each mix of these is a study of its own
        self.structure = frozenset(
            n
            for n, step in enumerate(changes)
            if step.name == "correlations" or any((p in old.entries) != (p in new.entries) for p in step.paths)
        )

    def study(self, chosen: frozenset[int]) -> Study:
        """The study that a case is a variation of."""
        key = chosen & self.structure
        if key not in self._studies:
            while len(self._studies) >= AT_HAND:  # each holds its draws
                del self._studies[next(iter(self._studies))]
            self._studies[key] = self.make(self._assumptions(key))
        return self._studies[key]

    def row(self, chosen: frozenset[int]) -> np.ndarray:
        """Draws of the outcome in a case."""
        made = {
            path: self.new.entries[path].distribution for n in chosen - self.structure for path in self.changes[n].paths
        }
        return self.study(chosen).row(self.what, made)

    def estimates(self, chosen: frozenset[int]) -> np.ndarray:
        """The measure in a case, and of each replicate."""
        if chosen not in self._known:
            self.check()
            self._known[chosen] = self._reading(chosen).estimates(self.row(chosen), self.study(chosen).replicate)
        return self._known[chosen]

    def _reading(self, chosen: frozenset[int]) -> Metric:
        own = (self.what.statistic, self.what.target) == ("chance", self.old.target.value)
        if own and any(self.changes[n].name == "target" for n in chosen):
            return dataclasses.replace(self.what, target=self.new.target.value)
        return self.what

    def _assumptions(self, chosen: frozenset[int]) -> Assumptions:
        paths = {path for n in chosen for path in self.changes[n].paths}
        entries = {p: a for p, a in self.old.entries.items() if p not in paths or p in self.new.entries}
        entries |= {p: self.new.entries[p] for p in paths if p in self.new.entries}
        tied = any(self.changes[n].name == "correlations" for n in chosen)
        added = {frozenset(c.between): c for c in self.new.correlations}
        pairs = {frozenset(c.between): c for c in (self.new if tied else self.old).correlations}
        pairs |= {pair: c for pair, c in added.items() if pair & paths}
        kept = tuple(c for pair, c in pairs.items() if pair <= entries.keys())
        return self.new.replace(entries=entries, correlations=kept)


def _between(pairs: Iterable[tuple[str, str, float]], known: Iterable[str]) -> list[tuple[str, str, float]]:
    """Pairs of which both are known to the other case."""
    inside = set(known)
    return [pair for pair in pairs if pair[0] in inside and pair[1] in inside]


def again(study: Study, recipe: Mapping[str, Any]) -> Table:
    """The table that a recipe makes on a study's draws."""
    then = of_manifest(recipe["from"], study.assumptions)
    if then is None:
        raise KeyError("from")
    then = then.replace(scenario=recipe["from"]["scenario"])
    what = metric(recipe["measure"], then, study.business)
    return bridge(then, study.assumptions, study.business, what, draws=study.size, seed=study.seed).table()
