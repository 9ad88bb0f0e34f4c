"""The forecast as one object: the answer of a day under scenarios and what-ifs, and every question that it can be asked."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from model.api import ask, publish
from model.api.forecast import BASE, business_or_xiaomi, day_of, load, metric_of, study
from model.assumptions.resolve import base_day, before_updates, first_year, under
from model.errors import near
from model.simulation import formatting
from model.simulation.defaults import SEED
from model.simulation.tell import Tell, silent

if TYPE_CHECKING:
    import datetime as dt

    import pandas as pd

    from model.assumptions.assumption import Assumptions
    from model.simulation.business import Business
    from model.simulation.measures import Measure
    from model.simulation.observation import Observation
    from model.simulation.result import Result
    from model.studies.bridge import Bridge
    from model.studies.comparison import Comparison
    from model.studies.explain import Explanation
    from model.studies.explanations import Explanations
    from model.studies.learned import Learned
    from model.studies.required_values import EqualChance, Solution
    from model.studies.resolved_variance import ResolvedVariance
    from model.studies.revision import Revision
    from model.studies.signposts import Signposts
    from model.studies.study import Study
    from model.studies.sweep import Sweep
    from model.studies.tornado import Tornado
    from model.studies.variance import Variance


def forecast(
    base: str | Path = BASE,
    *,
    as_of: dt.date | str = "latest",
    scenarios: Sequence[str | Path] | str = (),
    sets: Sequence[str] | str = (),
    to: str | None = None,
    judged: bool = True,
    from_month: str = "",
    draws: int | None = None,
    seed: int = SEED,
    fresh: bool = False,
    business: Business | None = None,
    tell: Tell = silent,
) -> Forecast:
    """Make the forecast of a day: given what was reported and became known by it, under scenarios and what-ifs from here on.

    as_of : "latest" (the last day on which anything became known), a day, or "base": the base case before any report
    scenarios : names in scenarios/ beside the base case, or files; sets : what-ifs, PATH=VALUE, PATH.scale=0.8, PATH.shift="3 months"
    to : the last month, a December: "2030-12"; judged : with what updates re-judge, not facts alone
    from_month : on which scenarios and what-ifs begin, by default the first that has not begun
    draws, seed : 16,384 given what was reported, else 32,768; fresh : compute the posterior again, where one is kept

    Raises InputError with every problem found, each with file and line.

    >>> import model
    >>> f = model.forecast(as_of="base", draws=2048)  # doctest: +SKIP
    >>> f.chance(">=550_000")  # doctest: +SKIP
    """
    names = [scenarios] if isinstance(scenarios, str) else list(scenarios)
    changes = [sets] if isinstance(sets, str) else list(sets)
    known = business_or_xiaomi(business)
    assumptions = load(base, names, changes, as_of=as_of, judged=judged, to=to, business=known)
    return Forecast(study(assumptions, known, draws=draws, seed=seed, from_month=from_month, fresh=fresh, tell=tell))


class Figures:
    """The figures of a forecast: `f.figures.deliveries`, `f.figures("deliveries", size="slide")`, `f.figures.save()`."""

    def __init__(self, of: Forecast) -> None:
        self._of = of

    @property
    def names(self) -> list[str]:
        """Figures that this forecast has."""
        from model.reporting.figures.drawing import drawable

        return drawable(self._of.result)

    def __call__(self, name: str, size: str = "word") -> Any:
        """A figure as matplotlib knows it."""
        from model.reporting.figures.drawing import draw
        from model.studies.comparison import others_of

        return draw(name, self._of.result, size, others=partial(others_of, self._of.study))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if name not in self.names:
            raise AttributeError(f"no figure '{name}'. {near(name, self.names) or ', '.join(self.names)}")
        return self(name)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self.names]

    def save(
        self, folder: Path | str | None = None, *, size: str = "word", formats: Sequence[str] = ("png", "svg")
    ) -> Path:
        """Write all of them, each with the CSV of what is drawn and alt text; their folder, by default that of `model run`."""
        place = None if folder is None else Path(folder)
        return publish.save_figures(self._of.study, place, size=size, formats=formats)


class Forecast:
    """A forecast, and what it can be asked. Measures are written as on the command line: `>=420_000`, `ev.deliveries:p50`, `ev.gross_margin>=0.2`."""

    def __init__(self, of: Study) -> None:
        self.study = of

    @property
    def assumptions(self) -> Assumptions:
        """What it rests on."""
        return self.study.assumptions

    @property
    def result(self) -> Result:
        """All outcomes, draw by draw."""
        return self.study.shown

    @property
    def prior(self) -> Result:
        """The same before any report, with the updates of its day."""
        found = self.study.posterior
        return self.result if found is None else found.prior

    @property
    def reports(self) -> Sequence[Observation]:
        """The reported figures that it is given."""
        return self.result.reports

    @property
    def explanations(self) -> Explanations:
        """The ways in which the reports can be explained, each with its share of the draws."""
        from model.studies.explanations import explanations

        return explanations(self.result)

    @property
    def figures(self) -> Figures:
        """Its figures."""
        return Figures(self)

    @property
    def headline(self) -> list[str]:
        """What `model run` prints, as lines."""
        from model.reporting import headline

        return headline.text(self.result, self._since())

    def chance(self, measure: str | float = "chance") -> Measure:
        """The chance of a number, with its simulation error: `>=420_000`, 420_000, `ev.gross_margin>=0.2`, or of the target."""
        return self.study.chance(measure)

    def metric(self, measure: str) -> Measure:
        """Any measure, with its simulation error: `ev.deliveries:p50`, `ev.deliveries@2026-12:mean`, `group.eps`."""
        return self.result.measure(metric_of(self.study, str(measure)))

    def table(self) -> pd.DataFrame:
        """The long table: outcome, period, unit, statistic, value, error."""
        return self.result.table()

    def under(self, scenarios: Sequence[str | Path] | str = (), sets: Sequence[str] | str = ()) -> Forecast:
        """Put the same forecast under more scenarios and what-ifs, on the same draws."""
        names = [scenarios] if isinstance(scenarios, str) else list(scenarios)
        changes = [sets] if isinstance(sets, str) else list(sets)
        return Forecast(self.study.under(under(self.study.asked, names, changes)))

    def compare(self, *others: Forecast | str) -> Comparison:
        """Set it beside others, or beside scenarios by name (joined with +), on the same draws."""
        forecasts = [self.under(each.split("+")) if isinstance(each, str) else each for each in others]
        return ask.side_by_side([each.study.made for each in (self, *forecasts)], self.study.business)

    def bridge(self, other: Forecast | str, measure: str = "") -> Bridge:
        """What each change between this forecast and another does to a measure; by default to what `tornado` is of."""
        from model.studies.bridge import bridge as run

        new = self.under(other.split("+")) if isinstance(other, str) else other
        what = ask.metric_or_default(self.study, measure)
        return run(self.assumptions, new.assumptions, self.study.business, what, make=new.study.under)

    def tornado(self, measure: str = "", **work: Any) -> Tornado:
        """Which assumptions move a measure, and how far; `work` : as of `model.tornado`."""
        return ask.tornado(self.study, measure, **work)

    def sweep(self, *axes: str, measures: Sequence[str] = (), **work: Any) -> Sweep:
        """Measures along a line or over a grid: `f.sweep("ev.lines.yu7.orders.scale=0.7:1.3:13")`."""
        return ask.sweep(self.study, *axes, measures=measures, **work)

    def solve(self, measure: str | float = "chance", *paths: str, chance: float = 0.5, **work: Any) -> Solution:
        """What would have to be true for a number to have a chance: `f.solve(">=450_000")`."""
        return ask.solve(self.study, *paths, chance=chance, measure=str(measure), **work)

    def equal_chance(self, one: str, other: str, *, chance: float = 0.5, **work: Any) -> EqualChance:
        """The pairs of P50s of two assumptions that give the target this chance."""
        return ask.equal_chance(self.study, one, other, chance=chance, **work)

    def moved(self, since: dt.date | str = "base", *, tell: Tell = silent) -> Revision:
        """What moved the forecast since a day: each report and each update, in order."""
        a = self.study.asked
        return ask.news_of(
            a,
            day_of(since, a, self.study.business),
            business=self.study.business,
            draws=self.study.size,
            seed=self.study.seed,
            tell=tell,
        )

    def learned(self) -> Learned:
        """Each assumption now against before the reports."""
        return ask.learned(self.study)

    def hits(self, measure: str = "") -> Explanation:
        """What draws that hit have in common against those that miss."""
        return ask.explain(self.study, measure)

    def spread(self, measure: str | None = None, *, by: str = "assumption") -> Variance | ResolvedVariance:
        """What the spread of an outcome hangs on."""
        return ask.variance(self.study, measure, by=by)

    def signposts(self, measure: str = "") -> Signposts:
        """What to watch: figures still to come, and how far each is expected to move a measure."""
        return ask.signposts(self.study, measure)

    def memo(
        self,
        folder: Path | str | None = None,
        *,
        formats: Sequence[str] = ("md", "docx", "html", "xlsx"),
        tell: Tell = silent,
    ) -> publish.Memo:
        """A memo: findings, figures, tables, scenarios, what matters, assumptions with their sources."""
        return publish.memo(self.study, None if folder is None else Path(folder), formats=formats, tell=tell)

    def said(self, measure: str | float = "chance") -> list[str]:
        """A chance in words: today's, that of the base case's day, and what it takes a month."""
        from model.reporting.report_spec import spec_of
        from model.simulation.outside_view import forecast as drawn

        what, found = metric_of(self.study, str(measure)), self.chance(measure)
        given = self.study.kind if self.assumptions.edits else self.study.source.given
        kind = f", {given}" if given else ""
        lines = [f"{what} {formatting.chance(found)}  (as known on {self.assumptions.about.as_of:%-d %B %Y}{kind})"]
        target = self.assumptions.target
        if (what.outcome, what.period) == (target.outcome, target.period):
            lines += spec_of(self.study.business).pace_to(self.result, what.target)
        plain, day = before_updates(first_year(self.study.asked)), base_day(self.study.asked)
        if day != self.assumptions.about.as_of:
            then = drawn(plain, self.study.business, draws=self.study.size, seed=self.study.seed).measure(what)
            lines.append(f"For {day:%-d %B %Y} this model says {formatting.chance(then)}")
        return lines

    def _since(self) -> Revision | None:
        a = self.study.asked
        if self.study.posterior is None:
            return None
        return ask.kept_revision(
            a, base_day(a), business=self.study.business, draws=self.study.size, seed=self.study.seed
        )

    def __repr__(self) -> str:
        from model.reporting import headline

        return "\n".join(headline.top(self.result, self._since()))

    def _repr_html_(self) -> str:
        import html

        return f"<pre>{html.escape(repr(self))}</pre>"
