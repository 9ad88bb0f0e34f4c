"""Markov kernels that leave a tempered posterior as it is, for populations of draws side by side.

*Along eigenvectors* (likelihood-informed Crank-Nicolson; Cotter, Roberts, Stuart, White 2013; Cui, Law, Marzouk 2016): a report pins
few directions of the space of scores. H = J'WJ of the slopes in other populations says how stiff each direction is; each moves by
itself, with the prior left as it is, either *at random* or *towards the reports* (Crank-Nicolson Langevin: half a Newton step).
*Across explanations*: in the likelihood-informed subspace of the deliveries, a Crank-Nicolson step that keeps a Gaussian mixture
fitted to other populations, from one of its components to any. What explains the same reports in another way is reached at one step.
*Given the others*: a few coordinates about their mean and with their covariance given all the rest, as other populations have them.
*Flows held* (interweaving; Yu and Meng 2011): what makes a flow moves, and the flow's own shocks make up for it, so that no
report is asked.

Reports decide phase by phase (delayed acceptance; Christen and Fox 2005): those that cost little first, then the others, for
the draws that pass.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from model.inference.mixture import Mixture, fitted
from model.inference.target import Block, Held, Target
from model.simulation.sampling.staged_draws import StagedDraws

ACCEPTED = {
    "towards": 0.4,
    "random": 0.22,
    "given": 0.25,
    "held": 0.3,
    "across": 0.25,
}  # of the moves, to which steps are tuned
LARGEST = {"towards": 1.0, "random": 3.0, "given": 1.5, "held": 1.0, "across": 1.0}
SPREAD = (0.1, 0.05)  # of the mean square of slopes in H beside the square of their mean, by phase
SLOPE = 0.05  # of a score, over which slopes are taken
LEARN_FROM = 16  # draws of each population by which slopes are taken
ROUNDING = 1e-10  # of the largest eigenvalue
INFORMED, DIMENSIONS = 0.3, 16  # eigenvalue of H from which a direction is informed, and how many of them are looked at
COMPONENTS = 4  # of the mixture
NEAR = 6  # coordinates that move given the others
SHRINK = 0.02  # of the covariance towards its diagonal
RIDGE = 0.01  # on regressions, beside the variance of each regressor: where a line ends, several are the same

Tilt = np.ndarray | Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Directions:
    """Eigenvectors of H over a block for each population, eigenvalues, and what a report's slope pulls each direction by."""

    vectors: np.ndarray  # (population, coordinate, direction)
    values: np.ndarray  # (population, direction)
    pull: np.ndarray  # (population, direction, report)


@dataclass(frozen=True)
class Regression:
    """Of assumptions on logarithms of flows: means, slopes, precision and Cholesky factor of what is left."""

    flows: np.ndarray
    mean: np.ndarray
    slope: np.ndarray  # (flow, assumption)
    precision: np.ndarray
    lower: np.ndarray


@dataclass
class Learned:
    """What each population is told of the others."""

    directions: list[Directions] = field(default_factory=list)  # by block
    moments: list[tuple[np.ndarray, np.ndarray]] = field(default_factory=list)  # mean, precision of active coordinates
    held: list[list[Regression]] = field(default_factory=list)  # by kind of flows and population
    mixtures: list[tuple[np.ndarray, Mixture] | None] = field(
        default_factory=list
    )  # informed directions of the first block


class Kernels:
    """Populations side by side at one degree; rows : (coordinate, population x draw)."""

    def __init__(
        self, target: Target, rows: np.ndarray, count: int, share: np.ndarray, learned: Learned,
        rng: np.random.Generator, steps: dict[str, float],
    ) -> None:  # fmt: skip
        self.target, self.rows, self.count = target, rows, count
        self.learned, self.rng, self.steps = learned, rng, steps
        self.size = rows.shape[1] // count
        self.shares = [share[phase.places] for phase in target.phases]
        self.draws = StagedDraws(target.assumptions, target.named(rows), rows.shape[1])
        read = [self._read(n, target.predicted(n, self.draws)) for n in range(len(target.phases))]
        self.likely, self.pull = [one for one, _ in read], [one for _, one in read]
        self.draws.owned()
        self.rates: dict[str, list[float]] = {}
        self.moved = np.zeros(rows.shape[1], bool)  # which draws the last move moved
        self._at = {int(place): n for n, place in enumerate(target.active)}
        main, *others = range(len(target.blocks))
        helpers = [*(lambda n=n: self.hold(n) for n in range(len(target.held))), self.near]
        # the moves of a sweep: every block, the first one between the moves that help it
        self.turn: list[Callable[[], None]] = [self.across]
        for helper in helpers:
            self.turn += [lambda: self.along(main), helper, self.across]
        self.turn += [lambda: self.along(main), *(lambda n=n: self.along(n) for n in (*others, *others))]

    def _read(self, phase: int, predicted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return self.target.phases[phase].reports.with_slopes(predicted, self.shares[phase])

    def _tune(self, kind: str, name: str, rate: float) -> None:
        """Make a step larger or smaller by the share of draws that took it."""
        rates = self.rates.setdefault(name, [])
        rates.append(rate)
        gain = max(0.5, 3.0 / np.sqrt(len(rates)))
        step = self.steps.get(name, LARGEST[kind]) * np.exp(gain * (rate - ACCEPTED[kind]))
        self.steps[name] = float(np.clip(step, 0.01, LARGEST[kind]))

    def _step(self, kind: str, name: str) -> float:
        return min(self.steps.setdefault(name, min(1.0, LARGEST[kind])), LARGEST[kind])

    def _folded(self, x: np.ndarray) -> np.ndarray:
        """(any, population x draw) as (population, any, draw)."""
        return x.reshape(-1, self.count, self.size).transpose(1, 0, 2)

    def _flat(self, x: np.ndarray) -> np.ndarray:
        return x.transpose(1, 0, 2).reshape(x.shape[1], -1)

    def _noise(self, vectors: np.ndarray) -> np.ndarray:
        """Normal noise along directions (population, coordinate, direction), made by coordinate.

        So that which eigenvectors a processor finds, of those that serve as well, moves no draw.
        """
        made = self.rng.standard_normal((self.count, vectors.shape[1], self.size))
        return np.asarray(vectors.transpose(0, 2, 1) @ made)

    def along(self, number: int) -> None:
        """A block along its eigenvectors: at random or towards the reports, whichever goes farther."""
        kinds = [f"random {number}", f"towards {number}"]
        known = [self.rates.get(kind, []) for kind in kinds]
        if min(map(len, known)) < 2:
            chosen = int(np.argmin([len(rates) for rates in known]))
        else:
            chosen = int(
                np.argmax([np.mean(r[-3:]) * min(self.steps[k], 1.0) ** 2 for r, k in zip(known, kinds, strict=True)])
            )
        (self._towards if chosen else self._at_random)(
            kinds[chosen], self.target.blocks[number], self.learned.directions[number]
        )

    def _at_random(self, name: str, block: Block, d: Directions) -> None:
        size = self._step("random", name)
        step = (size / np.sqrt(size**2 + d.values))[:, :, None]  # 1, a draw from the prior, where nothing is learned
        old = d.vectors.transpose(0, 2, 1) @ self._folded(self.rows[block.places])
        new = np.sqrt(1 - step**2) * old + step * self._noise(d.vectors)
        rate = self._decide(block.places, self._flat(d.vectors @ new), np.zeros(self.rows.shape[1]), block.phase)
        self._tune("random", name, rate)

    def _towards(self, name: str, block: Block, d: Directions) -> None:
        size = min(self._step("towards", name), 1.0)
        precision = (1.0 + d.values)[:, :, None]
        # in standard deviations of the posterior along each direction
        step = size * np.sqrt(precision) / np.sqrt(size**2 + d.values)[:, :, None]
        part, sd = 1 - np.sqrt(1 - np.minimum(step, 1.0) ** 2), step / np.sqrt(precision)
        old = d.vectors.transpose(0, 2, 1) @ self._folded(self.rows[block.places])

        def drift(x: np.ndarray, pull: np.ndarray) -> np.ndarray:
            return part * (d.pull @ self._folded(pull) - x) / precision

        towards = drift(old, self.pull[block.phase])
        new = old + towards + sd * self._noise(d.vectors)

        def tilt(pull: np.ndarray) -> np.ndarray:
            there, back = (new - old - towards) / sd, (old - new - drift(new, pull)) / sd
            return np.asarray(0.5 * (old**2 - new**2 + there**2 - back**2).sum(axis=1).reshape(-1))

        rate = self._decide(block.places, self._flat(d.vectors @ new), tilt, block.phase)
        self._tune("towards", name, rate)

    def across(self) -> None:
        """Keep a mixture in the informed directions, from one of its components to any; the other directions as they are."""
        places, total = self.target.blocks[0].places, self.rows.shape[1]
        step, new = self._step("across", "across"), self.rows[places]
        tilt, same = np.zeros(total), np.zeros(total, bool)
        for p, known in enumerate(self.learned.mixtures):
            if known is None:
                continue
            vectors, mixture = known
            draws = slice(p * self.size, (p + 1) * self.size)
            old = vectors.T @ new[:, draws]
            logs = mixture.log_densities(old)
            before = np.logaddexp.reduce(logs, axis=0)
            last = len(logs) - 1
            at = np.minimum((self.rng.random(self.size) > np.cumsum(np.exp(logs - before), axis=0)).sum(axis=0), last)
            to = self.rng.choice(len(logs), self.size, p=mixture.weights)
            noise = vectors.T @ self.rng.standard_normal((len(places), self.size))
            standard = np.einsum("nij,jn->in", mixture.inverse_roots[at], old - mixture.means[at].T)
            standard = np.sqrt(1 - step**2) * standard + step * noise
            moved = mixture.means[to].T + np.einsum("nij,jn->in", mixture.roots[to], standard)
            after = np.logaddexp.reduce(mixture.log_densities(moved), axis=0)
            tilt[draws] = before - after + 0.5 * ((old**2).sum(axis=0) - (moved**2).sum(axis=0))
            same[draws] = at == to
            new[:, draws] += vectors @ (moved - old)
        if same.any():
            self._decide(places, new, tilt, 0)
            self._tune("across", "across", float(np.mean(self.moved[same])))

    def near(self) -> None:
        """A coordinate of the first block and those that hang on it most, given all others."""
        if not len(self.target.structural):
            return
        n, step = self._at[int(self.rng.choice(self.target.structural))], min(self._step("given", "given"), 1.0)
        loose = self.rng.uniform(0.3, 1.0, len(self.target.active))
        new, tilt, touched = self.rows.copy(), np.empty(self.rows.shape[1]), set[int]()
        for p, (mean, precision) in enumerate(self.learned.moments):
            tie = np.abs(precision[n]) / np.sqrt(np.diag(precision)) * loose
            tie[n] = np.inf
            at = np.argsort(-tie)[:NEAR]
            places, draws = self.target.active[at], slice(p * self.size, (p + 1) * self.size)
            inner, old = precision[np.ix_(at, at)], self.rows[places, draws]
            away = np.linalg.solve(inner, precision[at] @ (self.rows[self.target.active, draws] - mean[:, None]))
            lower = np.linalg.cholesky(np.linalg.inv(inner))
            moved = np.sqrt(1 - step**2) * away + step * (lower @ self.rng.standard_normal(old.shape))
            new[places, draws] = old - away + moved
            before, after = ((x * (inner @ x)).sum(axis=0) for x in (away, moved))
            tilt[draws] = 0.5 * (after - before + (old**2).sum(axis=0) - (new[places, draws] ** 2).sum(axis=0))
            touched |= set(places.tolist())
        both = np.array(sorted(touched))
        self._tune("given", "given", self._decide(both, new[both], tilt, 0))

    def _decide(self, places: np.ndarray, new: np.ndarray, tilt: Tilt, first: int) -> float:
        """Move where the reports let it, phase by phase; the share of draws that moved.

        tilt : (draw,) the log ratio of prior and proposal, or what makes it of the slopes at the new place
        """
        target, total = self.target, self.rows.shape[1]
        self.moved[:] = False
        moved = self.draws.moved({target.names[place]: row for place, row in zip(places, new, strict=True)})
        at, read = np.arange(total), list[tuple[np.ndarray, np.ndarray]]()
        for phase in range(first, len(target.phases)):
            likely, pull = self._read(phase, target.predicted(phase, moved))
            ratio = likely - self.likely[phase][at]
            if phase == first:
                ratio = ratio + (tilt(pull) if callable(tilt) else tilt)
            passed = np.flatnonzero(np.log(self.rng.random(total))[at] < ratio)
            at, read = at[passed], [(one[passed], other[:, passed]) for one, other in [*read, (likely, pull)]]
            if not len(at):
                return 0.0
            if phase + 1 < len(target.phases):
                moved = moved.part(passed)
        self.draws.put(moved, passed)
        for phase, (likely, pull) in enumerate(read, start=first):
            self.likely[phase][at], self.pull[phase][:, at] = likely, pull
        self.moved[at] = True
        return len(at) / total

    def hold(self, number: int) -> None:
        """Move the assumptions behind one kind of flows, about their mean given the flows; shocks compensate, so that no report changes."""
        target, held = self.target, self.target.held[number]
        at, step = held.shocks >= 0, self._step("held", f"held {number}")
        flows = _logs(self.draws.moved({}), held)[at]
        tied = target.tied[held.places] @ self.rows
        touched = np.flatnonzero(np.abs(target.untied[:, held.places]).sum(axis=1))
        known = _finite(flows)
        new, tilt = np.empty_like(tied), np.empty(self.rows.shape[1])
        for p, on in enumerate(self.learned.held[number]):
            draws = slice(p * self.size, (p + 1) * self.size)
            centre = on.mean[:, None] + on.slope.T @ (known[:, draws] - on.flows[:, None])
            old = tied[:, draws] - centre
            moved = np.sqrt(1 - step**2) * old + step * (on.lower @ self.rng.standard_normal(old.shape))
            new[:, draws] = centre + moved
            before, after = ((x * (on.precision @ x)).sum(axis=0) for x in (old, moved))
            tilt[draws] = 0.5 * (after - before)
        rows = self.rows.copy()
        rows[touched] += target.untied[np.ix_(touched, held.places)] @ (new - tied)
        made = self.draws.moved({target.names[place]: rows[place] for place in touched})
        then = _logs(made, held)[at]
        with np.errstate(all="ignore"):
            sd = np.broadcast_to(held.sd[:, None], held.shocks.shape)[at][:, None]
            by = np.where(~np.isfinite(flows) & ~np.isfinite(then), 0.0, (then - flows) / sd)
        sound = np.isfinite(by).all(axis=0)
        rows[held.shocks[at]] -= np.where(sound, by, 0.0)
        both = np.union1d(touched, held.shocks[at])
        tilt += 0.5 * ((self.rows[both] ** 2).sum(axis=0) - (rows[both] ** 2).sum(axis=0))
        taken = np.flatnonzero(sound & (np.log(self.rng.random(len(tilt))) < tilt))
        self._put_held(held, both, rows, taken)
        self._tune("held", f"held {number}", len(taken) / len(tilt))

    def _put_held(self, held: Held, places: np.ndarray, rows: np.ndarray, taken: np.ndarray) -> None:
        """Keep a held move: values and what makes the flows, likelihoods as they were."""
        moved = self.draws.moved({self.target.names[n]: rows[n] for n in places}).part(taken)
        for key in held.keys:
            moved.again(key)
        self.draws.put(moved, np.arange(len(taken)))


def _logs(draws: StagedDraws, held: Held) -> np.ndarray:
    """Logarithms of flows, (flow, period, draw)."""
    with np.errstate(all="ignore"):
        return np.log(np.stack([draws.again(key) for key in held.keys]))  # type: ignore[attr-defined]


def _finite(logs: np.ndarray) -> np.ndarray:
    """Logarithms of flows with nothing for those that are not there."""
    return np.where(np.isfinite(logs), np.maximum(logs, -5.0), -5.0)


def learn(target: Target, scores: np.ndarray, weights: np.ndarray, start: np.ndarray, share: np.ndarray) -> Learned:
    """What each population learns of the others at a degree.

    scores : (coordinate, population, draw) with weights (population, draw); start : (coordinate, population, draw) of those that move
    """
    found, count = Learned(), scores.shape[1]
    squares, means, plain = _slopes(target, start[:, :, :LEARN_FROM], share)
    at = {int(place): n for n, place in enumerate(target.active)}
    for block in target.blocks:
        part, m = SPREAD[block.phase], [at[int(place)] for place in block.places]
        h = [part * squares[p][np.ix_(m, m)] + (1 - part) * means[p][:, m].T @ means[p][:, m] for p in range(count)]
        values, vectors = np.linalg.eigh(np.stack(h))
        of = target.phases[block.phase].places
        pull = np.stack([vectors[p].T @ plain[p][of][:, m].T for p in range(count)])
        # below, an eigenvalue is rounding, and its root a step of a size that differs between processors
        values = np.where(values > ROUNDING * values.max(), values, 0.0)
        found.directions.append(Directions(vectors, values, pull))
    part_of = weights / weights.sum(axis=1, keepdims=True)
    first = np.stack([scores[target.active, p] @ part_of[p] for p in range(count)])
    second = np.stack([(scores[target.active, p] * part_of[p]) @ scores[target.active, p].T for p in range(count)])
    for mean, square in zip(_of_others(first), _of_others(second), strict=True):
        covariance = square - np.outer(mean, mean)
        covariance = (1 - SHRINK) * covariance + SHRINK * np.diag(np.diag(covariance))
        found.moments.append((mean, np.linalg.inv(covariance)))
    found.mixtures = _mixtures(target, scores, weights, squares)
    found.held = [_regressions(target, held, scores, part_of) for held in target.held]
    return found


def _mixtures(
    target: Target, scores: np.ndarray, weights: np.ndarray, squares: np.ndarray
) -> list[tuple[np.ndarray, Mixture] | None]:
    """For each population the directions of the first block that reports inform, and the mixture of other populations' draws in them."""
    found: list[tuple[np.ndarray, Mixture] | None] = []
    places, count = target.blocks[0].places, scores.shape[1]
    m = np.searchsorted(target.active, places)
    for p in range(count):
        values, vectors = np.linalg.eigh(squares[p][np.ix_(m, m)])
        informed = vectors[:, values > INFORMED][:, -DIMENSIONS:]
        others = [k for k in range(count) if k != p]
        rows = informed.T @ scores[places][:, others].reshape(len(places), -1)
        if len(rows):
            found.append((informed, fitted(rows, weights[others].ravel(), COMPONENTS, np.random.default_rng(p))))
        else:
            found.append(None)
    return found


def _of_others(each: np.ndarray) -> np.ndarray:
    """For each population the mean over all others of what each has learned, (population, ...)."""
    return np.asarray((each.sum(axis=0) - each) / (len(each) - 1))


def _slopes(target: Target, start: np.ndarray, share: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For each population, of the others: mean square (active, active) and mean (report, active) of the slopes of what is learned, and their plain mean."""
    count, size = start.shape[1:]
    rows = start.reshape(len(target.names), -1)
    number = rows.shape[1]
    every = np.tile(rows, len(target.active) + 1)  # as they are, then with one coordinate moved after the other
    for n, place in enumerate(target.active):
        every[place, (n + 1) * number : (n + 2) * number] += SLOPE
    predicted = target.predicted_all(every)
    scaled, curvature = np.empty(predicted.shape), np.empty((len(predicted), number))
    for phase in target.phases:
        scaled[phase.places] = phase.reports.in_errors(predicted[phase.places])
        curvature[phase.places] = phase.reports.curvature(predicted[phase.places, :number])
    by_move = scaled.reshape(len(scaled), -1, number)
    with np.errstate(all="ignore"):
        plain: np.ndarray = np.nan_to_num(
            (by_move[:, 1:] - by_move[:, :1]).transpose(1, 0, 2) / SLOPE, posinf=0.0, neginf=0.0
        )
    informed = (plain * np.sqrt(share[:, None] * curvature)).reshape(*plain.shape[:2], count, size)
    flat = [informed[:, :, p].reshape(len(informed), -1) for p in range(count)]
    squares = np.stack([x @ x.T / size for x in flat])
    means, pulls = (x.mean(axis=3).transpose(2, 1, 0) for x in (informed, plain.reshape(informed.shape)))
    return _of_others(squares), _of_others(means), _of_others(pulls)


def _regressions(target: Target, held: Held, scores: np.ndarray, part_of: np.ndarray) -> list[Regression]:
    """For each population, of the others: what can move on logarithms of the flows. part_of : weights that add up to 1"""
    sums = []
    for p in range(scores.shape[1]):
        draws = StagedDraws(target.assumptions, target.named(scores[:, p]), scores.shape[2])
        target.predicted(0, draws)
        flows = _finite(_logs(draws.moved({}), held)[held.shocks >= 0])
        both = np.concatenate([flows, target.tied[held.places] @ scores[:, p]])
        sums.append((both @ part_of[p], (both * part_of[p]) @ both.T))
    found, count = list[Regression](), len(flows)
    for mean, square in zip(*(_of_others(np.stack(each)) for each in zip(*sums, strict=True)), strict=True):
        covariance = square - np.outer(mean, mean)
        flow, cross, rest = covariance[:count, :count], covariance[:count, count:], covariance[count:, count:]
        slope = np.linalg.solve(flow + RIDGE * (np.diag(np.diag(flow)) + np.eye(count)), cross)
        left = rest - slope.T @ cross - cross.T @ slope + slope.T @ flow @ slope
        left = 0.95 * left + 0.05 * np.diag(np.diag(left)) + 1e-3 * np.eye(len(left))
        found.append(Regression(mean[:count], mean[count:], slope, np.linalg.inv(left), np.linalg.cholesky(left)))
    return found


def correlations(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Of each coordinate, the correlation of scores with what they were, (coordinate, draw) each."""
    a = before - before.mean(axis=1, keepdims=True)
    b = after - after.mean(axis=1, keepdims=True)
    return np.asarray((a * b).sum(axis=1) / np.sqrt((a**2).sum(axis=1) * (b**2).sum(axis=1)))


def systematic(weights: np.ndarray, number: int, rng: np.random.Generator) -> np.ndarray:
    """Places of so many draws, each as often as its weight asks for, to within one."""
    edges = np.cumsum(weights) / weights.sum()
    ticks = (rng.random() + np.arange(number)) / number
    return np.minimum(np.searchsorted(edges, ticks), len(weights) - 1)


def alike_side_by_side(rows: np.ndarray) -> np.ndarray:
    """Draws in an order in which neighbours have like scores: halves by the first coordinate, their halves by the next.

    Drawn systematically in this order, draws of two modes between which nothing moves keep their shares (Gerber, Chopin and
    Whiteley 2019: the order of the draws decides how much noise resampling adds). rows : (coordinate, draw)
    """
    count = rows.shape[1]
    if len(rows) == 0 or count < 2:
        return np.arange(count)
    order = np.argsort(rows[0], kind="stable")
    low, high = order[: count // 2], order[count // 2 :]
    return np.concatenate([low[alike_side_by_side(rows[1:, low])], high[alike_side_by_side(rows[1:, high])[::-1]]])
