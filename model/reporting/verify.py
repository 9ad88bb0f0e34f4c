"""Whether a figure still holds: what made it stands in its file; that is run again, and what it draws now set against it."""

from __future__ import annotations

import datetime as dt
import html
import io
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from model.assumptions import snapshot
from model.assumptions.assumption import Assumptions
from model.assumptions.load import load
from model.assumptions.resolve import before_scenarios, first_year
from model.errors import InputError, Problem
from model.files.table import Table
from model.files.toml_reader import bytes_of
from model.inference.as_of import open_from, reported
from model.reporting.figures import drawing as figures
from model.reporting.report_spec import spec_of
from model.simulation.business import Business
from model.simulation.observation import Observation
from model.simulation.outside_view import forecast
from model.studies import registry
from model.studies.bridge import steps
from model.studies.comparison import others_of
from model.studies.from_here import from_here
from model.studies.sources import Prior
from model.studies.study import Study


@dataclass(frozen=True)
class Verdict:
    """Whether a figure holds, and why not."""

    holds: bool
    lines: tuple[str, ...]


def verify(file: Path, base: Path, business: Business) -> Verdict:
    """Run again what made a figure, on the assumption files as they are now.

    Raises InputError for a file that is no figure of this model, or was made with --set.
    """
    then = carried(file)
    scenario = str(then["scenario"])
    if scenario.rsplit("+", maxsplit=1)[-1] == "set":
        raise InputError(
            Problem("was made with --set, which stands in no file", "Make a scenario of it", file=str(file))
        )
    day = dt.date.fromisoformat(str(then["as_of"]))
    names, judged = [] if scenario == "base" else scenario.split("+"), not then.get("facts_alone", False)
    now = load(base, names, as_of=day, judged=judged, to=then.get("to"), units=business.units)
    reports = reported(now, business, day)
    if reports and scenario != "base":
        now = from_here(now, business, _from_month(then))
    before = snapshot.of_manifest(then, now)
    if before is None:
        raise InputError(Problem("its inputs cannot be read by this version of the model", file=str(file)))
    said = [
        f"{file}: {then['figure']}, scenario {scenario}, assumptions {then['assumptions']}, {then['draws']:,} draws, seed {then['seed']}"
    ]
    changes = [f"  changed since: {step.name}: {step.said}" for step in steps(before, now)]
    if before.pooled != now.pooled:
        changes.append(f"  changed since: outside: {before.pooled or 'none'} -> {now.pooled or 'none'}")
    if changes:
        moved = [] if reports else _moved(before, now, business, then)
        return Verdict(holds=False, lines=(*said, "  no longer holds: the assumptions have changed", *changes, *moved))
    try:
        same = _data(then, now, business, reports) == then["data"]
    except InputError as error:
        raise InputError([Problem(p.what, p.hint, file=str(file)) for p in error.problems]) from None
    said.append(
        "  holds: a rerun draws the same data"
        if same
        else "  no longer holds: a rerun draws other data (the code or data/ changed)"
    )
    return Verdict(holds=same, lines=tuple(said))


def _data(then: Mapping[str, Any], now: Assumptions, business: Business, reports: Sequence[Observation]) -> str:
    """Hash of what the figure draws now."""
    draws, seed = int(then["draws"]), int(then["seed"])
    if "recipe" not in then and then["figure"] not in figures.figures_of(business):
        raise InputError(Problem(f"'{then['figure']}' is no figure of this version, or was made by an earlier one"))
    if reports:
        asked = _given(now, business, reports, draws, seed, _from_month(then))
    else:
        asked = Study(now, Prior(business, draws=draws, seed=seed))
    if "recipe" in then:
        return _asked_again(then["recipe"], asked).hash
    return figures.picture(then["figure"], asked.shown, others=partial(others_of, asked)).table.hash


def _given(
    now: Assumptions, business: Business, reports: Sequence[Observation], draws: int, seed: int, first: str
) -> Study:
    """The posterior's draws, as they are kept or made again, under what is asked from a month on."""
    from model.inference import store
    from model.inference.condition import condition  # scipy's optimize, which a run does not need
    from model.inference.posterior_draws import reaching
    from model.studies.sources import FromPosterior

    plain = before_scenarios(now)
    short = first_year(plain)
    inputs = store.PosteriorInputs(short, business, reports, now.about.as_of, draws, seed)
    found = store.get(inputs)
    if found is None:
        found = condition(short, business, reports, as_of=now.about.as_of, draws=draws, seed=seed, path=False)
        store.put(found, inputs)
    return Study(now, FromPosterior(found if short is plain else reaching(found, plain)), first)


def _from_month(then: Mapping[str, Any]) -> str:
    """The month from which on scenarios and what-ifs held in a figure given reports; nothing where there were none."""
    if "from_month" in then.get("recipe", {}):
        return str(then["recipe"]["from_month"])
    earliest = open_from(dt.date.fromisoformat(str(then["as_of"])))
    months = [keys["from"] for keys in then["distributions"].values() if keys.get("from", "") >= earliest]
    return min(months, default="")


def _asked_again(recipe: Mapping[str, Any], study: Study) -> Table:
    """What a study finds now; InputError for a study that this version does not have."""
    name = str(recipe.get("study"))
    try:
        own = spec_of(study.business).studies
        found: Table = registry.module_of(name, own).again(study, recipe)
    except (KeyError, TypeError):
        raise InputError(Problem(f"was made by the study '{name}' of another version of the model")) from None
    return found


def carried(file: Path) -> dict[str, Any]:
    """What made a figure, from its own metadata; InputError where it carries none."""
    try:
        text = _comment(file, bytes_of(file))
        found = json.loads(text[text.index("{") : text.rindex("}") + 1])
    except OSError as error:
        raise InputError(Problem(error.strerror or "cannot be read", file=str(file))) from None
    except ValueError:
        found = None
    needed = (
        "scenario",
        "assumptions",
        "draws",
        "seed",
        "figure",
        "data",
        "distributions",
        "correlations",
        "target",
    )
    if not isinstance(found, dict) or any(key not in found for key in needed):
        raise InputError(
            Problem("carries no manifest of this model", "A PNG, SVG or PDF that `model` drew", file=str(file))
        )
    return found


def outdated(folder: Path, origin: Mapping[str, Any]) -> list[str]:
    """Figures in `folder` and below, of the same scenario, day and horizon, that were made from other assumptions.

    origin : the manifest of what holds now
    """
    found = []
    for file in sorted(folder.rglob("*.png")):
        try:
            then = carried(file)
        except InputError:
            continue
        same = all(then.get(key) == origin.get(key) for key in ("scenario", "as_of", "to"))
        if same and then["assumptions"] != origin["assumptions"]:
            found.append(file.relative_to(folder).with_suffix("").as_posix())
    return found


def _comment(file: Path, held: bytes) -> str:
    """The manifest as it stands in the figure's metadata, with what stands around it."""
    if file.suffix == ".png":
        from PIL import Image, UnidentifiedImageError

        try:
            with Image.open(io.BytesIO(held)) as opened:
                return str(opened.info.get("Comment", ""))
        except UnidentifiedImageError:
            return ""
    if file.suffix == ".svg":
        found = re.search(r"<dc:description>(.*?)</dc:description>", held.decode(errors="replace"), re.DOTALL)
        return html.unescape(found[1]) if found else ""
    found = re.search(r"/Keywords \((.*?)(?<!\\)\)", held.decode("latin-1"), re.DOTALL)
    return re.sub(r"\\([()\\])", r"\1", found[1]) if found else ""


def _moved(before: Assumptions, now: Assumptions, business: Business, then: Mapping[str, Any]) -> list[str]:
    """What that does to the chance of the target."""
    draws, seed = int(then["draws"]), int(then["seed"])
    old, new = (forecast(a, business, draws=draws, seed=seed).chance() for a in (before, now))
    return [f"  P(target): {100 * float(old.value):.1f}% -> {100 * float(new.value):.1f}%"]
