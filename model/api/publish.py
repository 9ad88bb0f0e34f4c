"""Publish: runs, figures and memos as files; verify, check and show what files hold."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from model.api.ask import kept_revision, learned, news_of, signposts
from model.api.forecast import (
    BASE,
    at_hand,
    business_or_xiaomi,
    condition,
    from_here,
    inputs_of,
    load,
    reports_of,
    simulate,
    study,
    study_of,
)
from model.assumptions.resolve import base_day, before_scenarios, first_year
from model.errors import InputError, Problem
from model.simulation.defaults import POSTERIOR_DRAWS, SEED
from model.simulation.tell import Tell, silent

if TYPE_CHECKING:
    from model.assumptions.assumption import Assumptions
    from model.reporting.memo.material import Taught
    from model.reporting.record.record import Record
    from model.reporting.verify import Verdict
    from model.simulation.business import Business
    from model.simulation.measures import Measure
    from model.simulation.parallel import Workers
    from model.simulation.result import Result
    from model.studies.cache import MeasureCache
    from model.studies.evaluate import Progress
    from model.studies.learned import Learned
    from model.studies.study import Study
    from model.validation.known_answers import Check

ALL_FIGURES = ("all",)


@dataclass(frozen=True)
class Run:
    """What a run found, where it wrote it, and what it has to say."""

    result: Result
    folder: Path
    headline: list[str]
    moved: list[str]  # what moved since the last run there, or against the base case; of reports, what they taught

    @property
    def lines(self) -> list[str]:
        """The whole headline, and what moved."""
        return [*self.headline, *self.moved]

    @property
    def numbers(self) -> dict[str, Any]:
        """What made the numbers, and the headline's numbers by name."""
        from model.reporting import headline
        from model.reporting.manifest import manifest

        made = manifest(self.result.assumptions, self.result.draws, self.result.seed)
        return {**made, "headline": headline.numbers(self.result)}


def run(
    assumptions: Assumptions,
    folder: Path | None = None,
    *,
    figures: Sequence[str] = ALL_FIGURES,
    business: Business | None = None,
    draws: int | None = None,
    seed: int = SEED,
    outcomes: Collection[str] | None = None,
    draws_out: Path | None = None,
    sharper: Measure | None = None,
    from_month: str = "",
    currency: str = "",
    tell: Tell = silent,
    on_headline: Callable[[list[str]], None] = lambda *_: None,
) -> Run:
    """Simulate a case; write its long table, manifest and figures, whole or not at all.

    folder : figures/ beside the base case, or figures/SCENARIO/, and there as_of_DAY/ for another day than the latest, unless
        given; figures : names, or none
    draws : 32,768, or 16,384 given what was reported, unless given
    outcomes : keep and write these (and the target's) alone, with no figures
    sharper : the chance of the target by preintegration (`model.chance`, `model.within`), in the place of the one that is counted
    from_month, tell : as of `study`, where something was reported by the assumptions' day
    currency : of the headline, "HKD" or "USD" at the last known rate of the day; by default as the business has it
    on_headline : called with the headline's first lines as soon as they are known, before anything is written
    """
    from model.reporting import headline
    from model.reporting.figures.drawing import drawable, figures_of
    from model.reporting.outputs import folder_of
    from model.reporting.report_spec import spec_of
    from model.reporting.run import write
    from model.studies.comparison import others_of

    known = business_or_xiaomi(business)
    learned, others, place = None, None, folder_of(assumptions, known, folder)
    if not reports_of(assumptions, known):
        if from_month:
            what = f"nothing was reported by {assumptions.about.as_of}: the year is open as a whole"
            raise InputError(Problem(what, "Leave it out, or give a later day with --as-of", path="--from"))
        result = simulate(assumptions, known, draws=draws, seed=seed, outcomes=outcomes)
        result = result.after(chance=sharper)
    else:
        if outcomes:
            raise InputError(Problem("--outcomes has no place beside --as-of", "Reports speak of all outcomes"))
        size = POSTERIOR_DRAWS if draws is None else draws
        asked = from_here(assumptions, from_month, business=known, draws=size, seed=seed, tell=tell, daily=True)
        result, learned, others = asked.shown, asked.posterior, partial(others_of, asked)
    wanted = tuple(figures_of(known)) if tuple(figures) == ALL_FIGURES else tuple(figures)
    if tuple(figures) == ALL_FIGURES:
        wanted = tuple(name for name in drawable(result) if name in wanted)
    since = (
        kept_revision(assumptions, base_day(assumptions), business=known, draws=result.draws, seed=seed)
        if learned
        else None
    )
    shown = spec_of(known).in_currency(result, currency) if currency else result
    on_headline(headline.top(shown, since))
    said = headline.text(shown, since)  # reads data/: before anything is written
    drawn = () if outcomes else wanted
    moved = write(
        result, place, figures=drawn, draws_out=draws_out, learned=learned, since=since, tell=tell, others=others
    )
    if learned is None and assumptions.about.as_of > base_day(assumptions) and known.observed:
        moved = [
            "",
            f"No reported figure was used: none of {assumptions.calendar.first} was known by {assumptions.about.as_of}",
            *moved,
        ]
    return Run(result, place, said, moved)


def draw_figures(
    assumptions: Assumptions,
    folder: Path | None = None,
    figures: Sequence[str] = ALL_FIGURES,
    *,
    size: str = "word",
    formats: Sequence[str] = ("png", "svg"),
    business: Business | None = None,
    draws: int | None = None,
    seed: int = SEED,
    tell: Tell = silent,
) -> Path:
    """Draw figures of a run, whole or not at all, each with the CSV of what is drawn and alt text; returns their folder."""
    known = business_or_xiaomi(business)
    asked = study(assumptions, known, draws=draws, seed=seed, tell=tell)
    return save_figures(asked, folder, figures, size=size, formats=formats, tell=tell)


def save_figures(
    of: Study,
    folder: Path | None = None,
    figures: Sequence[str] = ALL_FIGURES,
    *,
    size: str = "word",
    formats: Sequence[str] = ("png", "svg"),
    tell: Tell = silent,
) -> Path:
    """Draw figures of a study that is there."""
    from model.files.atomic import staged
    from model.reporting.figures import drawing
    from model.reporting.outputs import folder_of
    from model.studies.comparison import others_of

    result, others = of.shown, partial(others_of, of)
    place = folder_of(result.assumptions, of.business, folder, *([] if size == "word" else [size]))
    with staged(place) as stage:
        names = None if tuple(figures) == ALL_FIGURES else figures
        drawing.save_all(result, stage, names=names, size=size, formats=formats, tell=tell, others=others)
    return place


@dataclass(frozen=True)
class Memo:
    """A memo that was written: its finding, and its files."""

    title: str
    files: list[Path]


def memo(
    of: Assumptions | Study,
    folder: Path | None = None,
    *,
    formats: Sequence[str] = ("md", "docx", "html", "xlsx"),
    chance: float = 0.5,
    currency: str = "",
    tell: Tell = silent,
    workers: Workers | None = None,
    cache: MeasureCache | None = None,
    progress: Progress | None = None,
) -> Memo:
    """A memo from one run: findings, figures, tables, scenarios, what matters, assumptions with their sources.

    folder : figures/memo/ beside the base case unless given; chance : of "what would have to be true"
    currency : of text and tables, "HKD" or "USD"; figures are as the business has it
    """
    from model.files.atomic import staged
    from model.reporting.memo import write as making
    from model.reporting.outputs import folder_of

    kinds, whole = making.chosen(",".join(formats)), study_of(of)
    kept = whole if whole.assumptions.later is None else _first_year(whole, tell)
    taught = _taught(kept, tell)
    place = folder_of(whole.assumptions, kept.business, folder, "memo")
    with staged(place) as stage:
        title, _ = making.write(
            kept,
            stage,
            kinds,
            asked=chance,
            currency=currency,
            workers=workers,
            cache=cache,
            progress=progress,
            taught=taught,
            record=_record(kept),
            whole=whole.shown,
            tell=tell,
        )
    return Memo(title, [place / f"memo.{kind}" for kind in kinds])


def _first_year(of: Study, tell: Tell) -> Study:
    """The same study of the first year alone: its questions are of that year, and answered in less time."""
    return study(
        first_year(of.assumptions), of.business, draws=of.size, seed=of.seed, from_month=of.from_month or "", tell=tell
    )


def _record(study: Study) -> Record | None:
    """How good the frozen forecasts beside a case were; None where there are none, or what scores them is not installed."""
    from importlib.util import find_spec

    from model.evaluation import register

    if find_spec("scoringrules") is None or register.first_of(register.entries(study.assumptions.root)) is None:
        return None
    from model.reporting.record.record import record

    return record(study.assumptions, study.business)


def _taught(study: Study, tell: Tell) -> Taught | None:
    """What was reported and what it taught, where a study is given that."""
    from model.reporting.memo.material import Taught

    if study.posterior is None:
        return None
    a = study.posterior.result.assumptions
    since = base_day(a)
    told = news_of(a, since, business=study.business, draws=study.size, seed=study.seed, tell=tell)
    return Taught(study.posterior, told, learned(study), signposts(study))


def ship(base: str | Path = BASE, *, business: Business | None = None, tell: Tell = silent) -> Path:
    """Compute the posterior of the latest day from nothing, and what led there; put it into posteriors/, which comes with a release."""
    from model.inference import store

    known = business_or_xiaomi(business)
    a = load(base, business=known)
    condition(a, business=known, fresh=True, tell=tell)
    news_of(a, base_day(a), business=known, tell=tell)
    return store.ship(inputs_of(a, known))


def verify(file: str | Path, base: str | Path = BASE, *, business: Business | None = None) -> Verdict:
    """Whether a figure still holds: what made it is run again, and what it draws now is set against what it drew.

    Raises InputError for a file that is no figure of this model.
    """
    from model.reporting.verify import verify as run_again

    return run_again(Path(file), Path(base), business_or_xiaomi(business))


def check(base: str | Path = BASE, *, business: Business | None = None) -> list[str]:
    """Check the base case, every scenario and sweep, and the data, reports against a few draws; what there is, in words.

    Raises InputError with every problem found.
    """
    from model.validation.check import check as checked

    return checked(Path(base), business_or_xiaomi(business))


def show(assumptions: Assumptions, path: str = "", *, business: Business | None = None) -> list[str]:
    """The inputs read back: what each number implies, what reports said of it, its unit and source, in lines; all, or those below `path`."""
    from model.reporting.inputs_text import lines

    return lines(assumptions, path, _learned_already(assumptions, business_or_xiaomi(business)))


def _learned_already(assumptions: Assumptions, business: Business) -> Learned | None:
    """What reports taught, where something was reported and the posterior is at hand."""
    if not reports_of(assumptions, business) or not at_hand(assumptions, business=business):
        return None
    return learned(study(before_scenarios(assumptions), business))


def new(name: str, base: str | Path = BASE, *, business: Business | None = None) -> Path:
    """Write a scenario to start from, scenarios/NAME.toml beside the base case; InputError where it is there already."""
    from model.reporting.report_spec import spec_of
    from model.reporting.scenario_template import write

    known = business_or_xiaomi(business)
    today = load(base, business=known)
    return write(today, Path(base), name, spec_of(known).example, _learned_already(today, known))


def selftest(seed: int = SEED) -> list[Check]:
    """Known answers from theory and the literature, against what this machine computes."""
    from model.validation.known_answers import checks

    return list(checks(seed))
