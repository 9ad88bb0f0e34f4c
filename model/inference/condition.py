"""A forecast conditioned on what was reported, day by day: what each report said before it came, and what it did.

Where the draws as they are, weighted, carry the reports, they are weighted. Where too few of them would count, populations are
moved from the prior to the posterior (`tempered_smc`). Which it was, and what guards say of it, stands in the posterior.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from model.assumptions.assumption import Assumptions
from model.assumptions.resolve import base_day
from model.errors import InputError, Problem
from model.inference.contradictions import refuse_contradictions
from model.inference.pooled_prior import FIRST, Pooled, pooled_before
from model.inference.posterior import Posterior, ReportPercentile, Snapshot, rounded, snapshot_of
from model.inference.take_over import Origin, origin_of
from model.inference.target import Target
from model.inference.tempered_smc import SWEEPS, Populations, Sampler
from model.simulation.business import Business, Function, business_of
from model.simulation.defaults import SEED
from model.simulation.measures import Measure, effective
from model.simulation.observation import SHARE, Observation, known_by
from model.simulation.outside_view import applied
from model.simulation.parallel import one_thread
from model.simulation.result import Result
from model.simulation.sampling.digital_net import REPLICATES
from model.simulation.sampling.draws import Draws
from model.simulation.sampling.latents import Given
from model.simulation.simulate import checked_seed, simulate
from model.simulation.tell import Tell, silent

ENOUGH, HEAVIEST = 1000, 0.01  # effective draws, and the largest share of one draw, at which weights suffice
HEAVY_TAIL = 0.7  # Pareto k above which the mean of weights means nothing (Vehtari et al. 2024)
OUT_OF_REACH = 60.0  # errors from the nearest draw, beyond which a report is not conditioned on,
BEYOND = 0.5  # unless they are less than this share of the draws' own range
DAILY = 0.3  # of the work, that goes into the days in between
CHECK = 0.15  # of the other work, that goes into the same with half the moves
LESS, ON_THE_WAY = 4, 4  # of the draws, and sweeps, where only the days in between are asked
APART, EVIDENCE_APART = 0.005, 1.0  # error of the target's P50, and spread of log evidences, beyond which to doubt
DOUBTED = 4.0  # errors between the log evidences with all sweeps and with half of them


def condition(
    assumptions: Assumptions,
    business: Business | Function,
    observations: Sequence[Observation],
    *,
    as_of: dt.date | None = None,
    draws: int,
    seed: int = SEED,
    tell: Tell = silent,
    start: Posterior | Origin | None = None,
    path: bool = True,
    found: Posterior | None = None,
    place: Path | None = None,
) -> Posterior:
    """The forecast given the observations, in the order in which they became known.

    as_of : the day that the result is dated; by default that of the last report
    draws : of the posterior, in eight populations; tell : called with a word on where the work is, and its share that is done
    start : a posterior of nearly the same inputs, whose draws are taken over to these; where too few of them count, the work
        begins at the prior
    path : make what stood in between; it moves no draw of the posterior, and is a third of the work
    found : the posterior of these inputs, made without that, to which it is added
    place : where the posterior will be kept; a work that is stopped leaves there what is done, and goes on from it

    Raises InputError where there is nothing to condition on, and where no draw can make a report.
    """
    business, seed = business_of(business), checked_seed(seed)
    ordered = known_by(observations, dt.date.max)
    if not ordered:
        raise InputError(Problem("nothing was reported by then", "A later day, or none for the base case as it stands"))
    refuse_contradictions(observations, business.accounts)
    inside = simulate(assumptions, business, draws=draws, seed=seed)
    prior = applied(inside)
    before = pooled_before(inside)
    ordered = [*before, *ordered]
    year = assumptions.calendar
    said = np.stack([np.broadcast_to(o.predicted(prior.outcomes, year), (prior.draws,)) for o in ordered])
    _refuse_out_of_reach(ordered, said)
    day = as_of or ordered[-1].reported_on
    dated = assumptions.replace(about=assumptions.about.model_copy(update={"as_of": day}))
    given = dataclasses.replace(inside, assumptions=dated).after(reports=tuple(ordered[len(before) :]))
    origin = origin_of(start) if isinstance(start, Posterior) else start
    begin = None if before else origin
    daily = DAILY if path and len(_days(ordered)) > 1 else 0.0
    with one_thread():
        whole = found or _by_weights(given, ordered, said)
        if whole is None:
            how: dict[str, Any] = {"seed": seed, "tell": _part(tell, 0.0, 1 - daily), "start": begin, "place": place}
            whole = _by_sampler(given, ordered, said, **how)
        found = whole
        if daily and not whole.has_path:
            surprises, moments = _day_by_day(given, ordered, said, seed=seed, tell=_part(tell, 1 - daily, daily))
            found = dataclasses.replace(whole, surprises=surprises, moments=[*moments, whole.moments[-1]])
    first = snapshot_of(base_day(assumptions), 0, prior)
    came = [s for s in found.surprises if not isinstance(s.observation, Pooled)]
    moments = [m for m in found.moments if m.day != FIRST and m.reports]
    return dataclasses.replace(found, prior=prior, surprises=came, moments=[first, *moments])


def _part(tell: Tell, begin: float, size: float) -> Tell:
    """How far a part of the work is, told as a share of the whole."""
    return lambda words, done: tell(words, begin + size * done)


def _refuse_out_of_reach(ordered: Sequence[Observation], said: np.ndarray) -> None:
    """InputError for reports that no draw comes near, each with the nearest that one makes."""
    problems = []
    for one, row in zip(ordered, said, strict=True):
        fault = out_of_reach(one, row)
        if fault is not None:
            problems.append(Problem(*fault, path=f"{one.name}, reported on {one.reported_on}"))
    if problems:
        raise InputError(problems)


def out_of_reach(one: Observation, row: np.ndarray) -> tuple[str, str] | None:
    """(what is wrong, what would be right) with a report that no draw comes near; None where one does. row : what draws say of it."""
    away = one.outside(row)
    nearest = int(np.argmin(away))
    if away[nearest] <= OUT_OF_REACH or isinstance(one, Pooled):
        return None
    with np.errstate(all="ignore"):
        steps = np.ptp(one.away(row, float(row[nearest]) or 1.0))
    if away[nearest] <= BEYOND * steps and np.isfinite(away[nearest]):
        return None
    far = f", {_count(away[nearest])} errors of the report away" if np.isfinite(away[nearest]) else ""
    unit = "" if one.unit in (SHARE, "1") else f" {one.unit}"
    return (
        f"no draw comes near {one.figure}: the nearest is {_said(one, row[nearest])}{far}",
        f"All lie between {_said(one, row.min())} and {_said(one, row.max())}{unit}: is the figure right, and in its unit?",
    )


def _count(x: float) -> str:
    return f"{x:,.0f}" if x < 1e6 else f"{x:.0e}"


def _said(one: Observation, value: float) -> str:
    """A draw's figure as a report of it would be written."""
    return dataclasses.replace(one, kind="exact", value=float(f"{value:.4g}")).figure


def _days(ordered: Sequence[Observation]) -> list[tuple[dt.date, list[int]]]:
    """Places of the observations of each day."""
    grouped = itertools.groupby(range(len(ordered)), key=lambda n: ordered[n].reported_on)
    return [(day, list(places)) for day, places in grouped]


def _by_weights(prior: Result, ordered: Sequence[Observation], said: np.ndarray) -> Posterior | None:
    """The prior's draws under weights; None where they do not suffice."""
    likelihoods = np.stack([one.log_likelihood(row) for one, row in zip(ordered, said, strict=True)])
    total = likelihoods.sum(axis=0)
    weights = _weights(total)
    heaviest, enough = weights.max() / weights.sum(), effective(weights, prior.draws)
    if heaviest > HEAVIEST or enough < ENOUGH or tail_shape(weights) > HEAVY_TAIL:
        return None
    surprises, moments, known = list[ReportPercentile](), list[Snapshot](), np.zeros(prior.draws)
    for day, places in _days(ordered):
        before = _weights(known)
        surprises += [_surprise(ordered[n], said[n], said[n], before) for n in places]
        known = known + likelihoods[places].sum(axis=0)
        moments.append(snapshot_of(day, len(places), prior.with_weights(_weights(known))))
    constants = sum(o.log_constant for o in ordered)
    each = [np.log(np.mean(np.exp(total[prior.replicate == r] - total.max()))) for r in range(REPLICATES)]
    evidence = float(np.log(np.mean(weights)) + total.max() + constants)
    error = float(np.std(each, ddof=1) / np.sqrt(REPLICATES))
    result = prior.with_weights(weights)
    return Posterior(result, prior, "weights", surprises, moments, Measure(evidence, error))


def _by_sampler(
    prior: Result,
    ordered: Sequence[Observation],
    said: np.ndarray,
    *,
    seed: int,
    tell: Tell,
    start: Origin | None,
    place: Path | None,
) -> Posterior:
    """Populations moved from the prior to the posterior, all reports let in together.

    Together, because a way of explaining the reports that few draws take until the last of them comes may be lost on the way
    there: day by day, most populations lost one of the two that explain 2026.
    """
    days, target = _days(ordered), Target(prior.assumptions, prior.business, ordered)
    sampler = Sampler(target, draws=prior.draws, seed=seed, tell=_part(tell, 0.0, 1 - CHECK), place=place)
    batches = start and sampler.begin_at(start)
    near = start if batches else None
    surprises, moments = _so_far(ordered, said, sampler, near)
    sampler.let_in(batches or [range(len(ordered))])
    sampler.scores = rounded(sampler.scores)
    found = _result(prior, sampler)
    moments = [*moments, snapshot_of(days[-1][0], len(days[-1][1]), found)]
    by_name = dict(zip(target.names, sampler.scores.reshape(len(sampler.scores), -1), strict=True))
    guards, evidence = _guards(found, sampler), _evidence(sampler, near)
    if near is None and evidence is not None:
        guards += _checked(prior, target, evidence, seed=seed, tell=_part(tell, 1 - CHECK, CHECK))
    tell("conditioned", 1.0)
    words = near.words if near is not None else ""
    return Posterior(found, prior, "sampler", surprises, moments, evidence, guards, sampler.degrees, by_name, words)


def _so_far(
    ordered: Sequence[Observation], said: np.ndarray, sampler: Sampler, near: Origin | None
) -> tuple[list[ReportPercentile], list[Snapshot]]:
    """What is known already of where each report lay the day before, and of the days before the last."""
    days, known = _days(ordered), 0
    kept, moments = list[ReportPercentile](), list[Snapshot]()
    before: Sequence[np.ndarray | None] = [None] * len(ordered)
    if len(days) == 1:
        before = list(said)  # the day before is January
    elif near is not None and len(near.surprises) == len(ordered) - len(days[-1][1]):  # all but those of the last day
        kept, moments, known = list(near.surprises), [m for m in near.moments if m.reports], len(near.surprises)
        before = list(sampler.target.predicted_all(sampler.scores.reshape(len(sampler.scores), -1)))
    new = [_surprise(ordered[n], before[n], said[n]) for n in range(known, len(ordered))]
    return [*kept, *new], moments


def _checked(prior: Result, target: Target, evidence: Measure, *, seed: int, tell: Tell) -> list[str]:
    """What a run with half the sweeps and a quarter of the draws says against the evidence: populations can agree and all be wrong."""
    half = Sampler(target, draws=prior.draws // LESS, seed=seed + 1, sweeps=SWEEPS // 2, tell=tell)
    half.let_in([range(len(target.observations))])
    found = _mean_evidence(half.log_evidence)
    apart = abs(found.value - evidence.value)
    if apart <= max(EVIDENCE_APART, DOUBTED * float(np.hypot(found.error, evidence.error))):
        return []
    return [
        (
            f"with half the moves the log evidence is {found.value:.1f} in the place of {evidence.value:.1f}: too few moves. "
            "Shares of explanations may be off by more than their errors; another --seed shows by how much"
        )
    ]


def _day_by_day(
    prior: Result, ordered: Sequence[Observation], said: np.ndarray, *, seed: int, tell: Tell
) -> tuple[list[ReportPercentile], list[Snapshot]]:
    """Where each report lay the day before, and the forecast of each day but the last."""
    headline = prior.business.only([prior.assumptions.target.outcome])
    target, days = Target(prior.assumptions, prior.business, ordered), _days(ordered)

    def before(populations: Populations, batch: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
        return populations.predicted()[list(batch)], populations.weights

    def after(populations: Populations, _: Sequence[int]) -> tuple[dict[str, np.ndarray], np.ndarray]:
        return _outcomes(prior.assumptions, headline, target.names, populations.scores), populations.weights

    sampler = Sampler(target, draws=prior.draws // LESS, seed=seed, tell=tell, sweeps=ON_THE_WAY)
    halves = sampler.let_in([places for _, places in days], before=before, after=after)
    surprises, moments = list[ReportPercentile](), list[Snapshot]()
    for n, (day, places) in enumerate(days):
        noted = [half[n] for half in halves]
        predicted = np.concatenate([one[0] for one, _ in noted], axis=1)
        weights = np.concatenate([one[1] for one, _ in noted]).ravel()
        surprises += [_surprise(ordered[k], row, said[k], weights) for k, row in zip(places, predicted, strict=True)]
        if n + 1 < len(days):
            made = [one[0] for _, one in noted]
            outcomes = {name: np.concatenate([one[name] for one in made], axis=-1) for name in made[0]}
            result = _of_populations(prior, outcomes, np.concatenate([one[1] for _, one in noted]))
            moments.append(snapshot_of(day, len(places), result))
    return surprises, moments


def _result(prior: Result, sampler: Sampler) -> Result:
    """What the draws of a sampler make, as they stand."""
    made = _outcomes(prior.assumptions, prior.business.function, sampler.target.names, sampler.scores)
    return _of_populations(prior, made, sampler.weights)


def _outcomes(
    assumptions: Assumptions, function: Function, names: Sequence[str], scores: np.ndarray
) -> dict[str, np.ndarray]:
    """Outcomes of scores (coordinate, population, draw), population after population."""
    rows = scores.reshape(len(names), -1)
    draws = Draws(assumptions, Given(dict(zip(names, rows, strict=True)), 0, rows.shape[1]))
    with np.errstate(all="ignore"):
        return {name: np.asarray(values) for name, values in function(draws).items()}


def _of_populations(prior: Result, outcomes: dict[str, np.ndarray], weights: np.ndarray) -> Result:
    """A result of populations with weights (population, draw)."""
    count, size = weights.shape
    given = None if np.allclose(weights, 1.0) else weights.ravel()
    return dataclasses.replace(prior, outcomes=outcomes, replicate=np.repeat(np.arange(count), size), weights=given)


def _evidence(sampler: Sampler, start: Origin | None) -> Measure | None:
    """Logarithm of the mean evidence of the populations, on top of that of the posterior that they started from; None where they lie apart."""
    if sampler.log_evidence.std(ddof=1) > EVIDENCE_APART:
        return None
    found = _mean_evidence(sampler.log_evidence)
    if start is None:
        return found
    before = start.evidence
    return before and Measure(before.value + found.value, float(np.hypot(before.error, found.error)))


def _mean_evidence(each: np.ndarray) -> Measure:
    """Logarithm of the mean of evidences that are given by their logarithms."""
    found = np.exp(each - each.max())
    error = found.std(ddof=1) / found.mean() / np.sqrt(len(each))
    return Measure(float(np.log(found.mean()) + each.max()), float(error))


def _guards(result: Result, sampler: Sampler) -> list[str]:
    """What the populations say of themselves for which an answer should be doubted."""
    target, said = result.assumptions.target, []
    middle = result.quantile(target.outcome, 0.5, target.period)
    error = float(middle.error) / abs(float(middle.value))
    if error > APART:
        said.append(f"the P50 of {target.outcome} is known to {100 * error:.2f}% only (asked: {100 * APART:g}%)")
    spread = float(sampler.log_evidence.std(ddof=1))
    if spread > EVIDENCE_APART:
        said.append(f"populations lie {spread:.1f} apart in the log evidence (asked: {EVIDENCE_APART:g})")
    return said


def _surprise(
    one: Observation, before: np.ndarray | None, prior: np.ndarray, weights: np.ndarray | None = None
) -> ReportPercentile:
    """Shares of draws below a report, its error beside them; of a floor, below it (it tells that the figure lies above)."""
    share = np.nan if before is None else float(np.average(one.share_below(before), weights=weights))
    return ReportPercentile(one, share, float(np.mean(one.share_below(prior))))


def _weights(log_weights: np.ndarray) -> np.ndarray:
    return np.exp(log_weights - log_weights.max())


def tail_shape(weights: np.ndarray) -> float:
    """Shape k of a generalised Pareto distribution through the largest weights (Zhang and Stephens 2009, as PSIS takes it)."""
    count = int(min(0.2 * len(weights), 3 * np.sqrt(len(weights))))
    tail = np.sort(weights)[-count - 1 :]
    x = tail[1:] - tail[0]
    if count < 5 or not x[-1] > 0 or not np.quantile(x, 0.25) > 0:
        return float("inf") if x[-1] > 0 else 0.0
    grid = np.arange(1, 30 + int(np.sqrt(count)) + 1)
    b = 1 / x[-1] + (1 - np.sqrt(len(grid) / (grid - 0.5))) / 3 / np.quantile(x, 0.25)
    k = np.log1p(-b[:, None] * x).mean(axis=1)
    profile = count * (np.log(-b / k) - k - 1)
    share = np.exp(profile - profile.max())
    mean = float((b * share).sum() / share.sum())
    shape = float(np.log1p(-mean * x).mean())
    return (count * shape + 10 * 0.5) / (count + 10)  # a weak prior about 1/2, as PSIS has it
