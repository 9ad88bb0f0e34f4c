"""The outside view: what happened to others in the same position, pooled into the draws by a binned logarithmic pool.

A reference class is a list of cases in the unit of the target's outcome; the lognormal through them is what the class
says by itself. The draws of the outcome are put into bins at its own quantiles (`LEVELS`), and the chance of each bin becomes

    pooled ~ inside^(1 - w) * outside^w                   Genest and Zidek (1986), Statistical Science 1(1), 114-135

with the weight w of the class. Within a bin nothing moves: every other outcome follows by the draws it belongs to, as in
Jeffrey's rule. Ratios of densities in the place of bins would rest on a handful of draws wherever the class is wider than the model.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from model.assumptions.assumption import Assumptions
from model.assumptions.schema import Outside
from model.errors import InputError, Problem, near
from model.files.table import Table, Tabled
from model.simulation import formatting
from model.simulation.business import Business, Function
from model.simulation.defaults import DRAWS, SEED
from model.simulation.measures import Measure, bounded, standard_error
from model.simulation.reference_class import ReferenceClass
from model.simulation.result import Result
from model.simulation.simulate import BLOCK, simulate

LEVELS = (0.01, 0.05, *(n / 10 for n in range(1, 10)), 0.95, 0.99)  # of the inside view, between which its bins lie
WEIGHTS = (0.0, 0.25, 0.5, 1.0)  # at which the pool is printed
REACH = (0.001, 0.999)  # levels of the inside view, beyond which next to no draw is left to follow a class
LEAST_EFFECTIVE = 0.3  # share of the draws that must still count


@dataclass(frozen=True)
class Pool:
    """The binned logarithmic pool of a forecast and a class.

    edges : (bin - 1,) upper ends of the bins but the last, which they belong to, in the outcome's unit
    inside, outside : (bin,) chance of each bin in the forecast and in the class; both sum to 1
    """

    edges: np.ndarray
    inside: np.ndarray
    outside: np.ndarray
    weight: float

    @cached_property
    def chances(self) -> np.ndarray:
        """Chance of each bin, (bin,)."""
        raw = self.inside ** (1 - self.weight) * self.outside**self.weight
        return np.asarray(raw / raw.sum())

    def bin_of(self, values: np.ndarray) -> np.ndarray:
        """Bin in which each value lies, of any shape."""
        return np.searchsorted(self.edges, values, side="left")

    @property
    def tilts(self) -> np.ndarray:
        """Factor on the weight of a draw in each bin, (bin,)."""
        return np.asarray(self.chances / self.inside) if self.weight else np.ones(len(self.inside))

    def log_tilt(self, values: np.ndarray) -> np.ndarray:
        """What the pool adds to the logarithm of a draw's weight, by its value of the target's outcome; 0 at weight 0.

        Added to the log likelihood of reports, it pools before them.
        """
        return np.asarray(np.log(self.tilts)[self.bin_of(values)])

    @property
    def effective(self) -> float:
        """Share of equally weighted draws that still count: 1 / sum of chances^2 / inside (Kish 1965)."""
        return float(1 / (self.chances**2 / self.inside).sum())


def pool(result: Result, reference: ReferenceClass, weight: float) -> Pool:
    """The pool of a result's target outcome and a class of the same unit; InputError for a weight that is not in 0..1.

    The class is held against the draws as they are weighted already.
    """
    return OutsideView(result, ()).pool(reference, weight)


def _target_values(result: Result) -> np.ndarray:
    """Draws of the target's outcome in its period, (draw,)."""
    return result.values(result.assumptions.target.outcome, result.assumptions.target.period)


def pooled(result: Result, reference: ReferenceClass, weight: float) -> Result:
    """The result with the class pooled in by weights on its draws; at weight 0 the result itself.

    Raises InputError where less than `LEAST_EFFECTIVE` of the draws would still count. That much of the class may lie
    where no draw does (beyond `REACH`) is said in the headline, not refused: a bin at the end takes its pooled chance whatever
    lies in it, and only how far out within it is left to the model. A class is useful exactly where it is wider.
    """
    if weight == 0:
        return result
    found = pool(result, reference, weight)
    if found.effective < LEAST_EFFECTIVE:
        what = f"at weight {weight:g} the outside view '{reference.name}' leaves {found.effective:.0%} of the draws effective"
        hint = f"At least {LEAST_EFFECTIVE:.0%}: lower the weight, or widen the assumptions"
        raise InputError(Problem(what, hint, path="outside.weight"))
    tilted = result.with_weights(found.tilts[found.bin_of(_target_values(result))])
    return tilted.after(unpooled=result.steps.unpooled or result)


def applied(result: Result) -> Result:
    """The result with the outside view of its assumption file; itself where there is none, or at weight 0."""
    said = result.assumptions.outside
    if said is None or said.weight == 0:
        return result
    return pooled(result, chosen(said, classes_of(result.assumptions, result.business)), said.weight)


def forecast(
    assumptions: Assumptions,
    business: Business | Function,
    *,
    draws: int = DRAWS,
    seed: int = SEED,
    block: int = BLOCK,
    outcomes: Collection[str] | None = None,
) -> Result:
    """Simulate, and pool in the outside view of the assumptions: the forecast before any report; parameters and errors as of `simulate`."""
    return applied(simulate(assumptions, business, draws=draws, seed=seed, block=block, outcomes=outcomes))


def classes_of(assumptions: Assumptions, business: Business) -> list[ReferenceClass]:
    """The reference classes of a business for this case; none where it has none."""
    return [] if business.classes is None else business.classes(assumptions.root, assumptions)


def chosen(said: Outside, classes: Sequence[ReferenceClass]) -> ReferenceClass:
    """The class that an assumption file names; InputError where there is none of that name, or it has other cases."""
    known = {each.name: each for each in classes}
    if said.name not in known:
        hint = near(said.name, known) or f"Classes: {', '.join(known) or 'none for this target'}"
        raise InputError(Problem(f"no reference class '{said.name}'", hint, path="outside.class"))
    number = len(known[said.name].cases)
    if said.cases != number:
        what = f"says {said.cases:,.10g} cases, the data has {number}"
        raise InputError(Problem(what, f"By the rule: {known[said.name].rule}", path="outside.cases"))
    return known[said.name]


@dataclass(frozen=True)
class OutsideView(Tabled):
    """A forecast beside its reference classes, at the weights of `WEIGHTS`.

    result : the inside view; classes : as the business has them
    """

    result: Result
    classes: Sequence[ReferenceClass]

    @cached_property
    def _levels(self) -> np.ndarray:
        """Quantiles of the target's outcome at `LEVELS`, (level,); of plain draws without their error, which costs more."""
        result, target = self.result, self.result.assumptions.target
        if result.weights is None:
            return np.quantile(_target_values(result), LEVELS, method="inverted_cdf")
        return np.asarray(result.quantile(target.outcome, tuple(LEVELS), target.period).value)

    @cached_property
    def _cells(self) -> tuple[np.ndarray, np.ndarray]:
        """Ends of the bins, none without draws, and the weight of the draws by replicate, bin, and miss or hit."""
        result, values = self.result, _target_values(self.result)
        largest = values.max() if result.weights is None else values[result.weights > 0].max()
        edges = np.unique(self._levels[(self._levels > 0) & (self._levels < largest)])
        replicates, bins = int(result.replicate.max()) + 1, len(edges) + 1
        place = result.replicate.astype(np.intp) * bins + np.searchsorted(edges, values, side="left")
        cell = 2 * place + (values >= result.assumptions.target.value)
        return edges, np.bincount(cell, result.weights, 2 * replicates * bins).reshape(replicates, bins, 2)

    def pool(self, reference: ReferenceClass, weight: float) -> Pool:
        """The pool with a class; InputError for a weight that is not in 0..1."""
        if not 0 <= weight <= 1:
            raise InputError(Problem(f"the weight of the outside view is {weight:g}", "Between 0 and 1"))
        edges, counts = self._cells[0], self._cells[1].sum(axis=(0, 2))
        below = np.concatenate([[0.0], reference.below(edges), [1.0]])
        # A bin so far out that the class gives it less than a double holds keeps the least there is.
        outside = np.maximum(np.diff(below), np.finfo(float).tiny)
        return Pool(edges, counts / counts.sum(), outside / outside.sum(), weight)

    def chance(self, reference: ReferenceClass, weight: float) -> Measure:
        """P(target) with the class pooled in; the error is that of the replicates under the weights as they are."""
        found = self.pool(reference, weight)
        cells = self._cells[1] * found.tilts[:, None]
        each = cells[..., 1].sum(axis=1) / cells.sum(axis=(1, 2))
        chance = Measure(float(cells[..., 1].sum() / cells.sum()), float(standard_error(each)))
        return bounded(chance, self.result.draws * found.effective)

    def lines(self) -> list[str]:
        """A line a class: the chance at each weight, and how much of the class lies outside the model's P1 to P99."""
        weights = " / ".join(f"{w:g}" for w in WEIGHTS)
        return [
            f"Outside view ({one.title}): at weight {weights}: "
            f"{' / '.join(formatting.odds(self.chance(one, w).value)[:-1] for w in WEIGHTS)}%; {self.beyond(one)} "
            "lie outside the model's P1 to P99"
            for one in self.classes
        ]

    def beyond(self, reference: ReferenceClass) -> str:
        """How much of a class lies outside the model's P1 to P99: `8 of 37 (26% of their lognormal)`."""
        low, high = (max(float(end), np.finfo(float).tiny) for end in self._levels[[0, -1]])
        counted, share = int(((reference.cases < low) | (reference.cases > high)).sum()), reference.beyond(low, high)
        return f"{counted} of {len(reference.cases)} ({share:.0%} of their lognormal)"

    def table(self) -> Table:
        """A row a class and weight: chance with its error, quantiles in the outcome's unit, share of effective draws."""
        target, rows = self.result.assumptions.target, []
        values = _target_values(self.result)
        for one in self.classes:
            for weight in WEIGHTS:
                found = self.pool(one, weight)
                view = self.result.with_weights(found.tilts[found.bin_of(values)])
                levels = np.asarray(view.quantile(target.outcome, (0.1, 0.5, 0.9), target.period).value)
                rows.append((one.name, weight, *self.chance(one, weight), *map(float, levels), found.effective))
        return Table(("class", "weight", "chance", "error", "P10", "P50", "P90", "effective draws"), rows)


def outside_view(result: Result) -> OutsideView:
    """A forecast, whatever is pooled into it already taken out again, beside the classes of its business."""
    return OutsideView(result.steps.unpooled or result, classes_of(result.assumptions, result.business))
