"""Assumptions as they were: at the last run in a folder, or at a revision in git."""

from __future__ import annotations

import dataclasses
import datetime as dt
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from model.assumptions.assumption import Assumption, Assumptions
from model.assumptions.calendar import Calendar
from model.assumptions.distributions.base import Distribution
from model.assumptions.distributions.time_varying import changed_from, keys_of
from model.assumptions.load import load
from model.assumptions.schema import Correlation, NumberChange
from model.errors import InputError, Problem


def inputs_of(a: Assumptions) -> dict[str, Any]:
    """Every number of a case, as `of_manifest` reads it back; the outside view where it has a weight."""
    said = a.outside if a.pooled else None
    view = {} if said is None else {"outside": {"outside.class": said.name, "outside.weight": said.weight}}
    return {
        "distributions": {
            path: {**keys_of(entry.distribution), "unit": entry.unit} for path, entry in sorted(a.entries.items())
        },
        "correlations": {" ~ ".join(sorted(c.between)): c.rank for c in a.correlations},
        "target": {"outcome": a.target.outcome, "period": a.target.period, "value": a.target.value},
        **view,
    }


def of_manifest(content: Mapping[str, Any], now: Assumptions) -> Assumptions | None:
    """The assumptions of an earlier run; None where its manifest does not hold them whole.

    What a manifest does not say (labels, sources) is as it is now.
    """
    try:
        entries = {path: _entry(path, keys, now) for path, keys in content["distributions"].items()}
        pairs = tuple(
            Correlation(between=names.split(" ~ "), rank=rank, why="-")
            for names, rank in content["correlations"].items()
        )
        target = now.target.model_copy(update={"value": float(content["target"]["value"])})
        view = content.get("outside")
        outside = now.outside.model_copy(update=_view(view)) if now.outside is not None else None
        same = (content["target"]["outcome"], content["target"]["period"]) == (now.target.outcome, now.target.period)
        same = same and (view is None or outside is not None)
    except (KeyError, TypeError, ValueError, AttributeError, ValidationError):
        return None
    if not same:
        return None
    changed = {"entries": entries, "correlations": pairs, "target": target, "outside": outside}
    return now.replace(**changed, scenario="last run")


def _view(held: Mapping[str, Any] | None) -> dict[str, Any]:
    """Class and weight of the outside view of a manifest; weight 0 where it holds none."""
    if held is None:
        return {"weight": 0.0}
    return {"name": str(held["outside.class"]), "weight": float(held["outside.weight"])}


def _entry(path: str, keys: Mapping[str, Any], now: Assumptions) -> Assumption:
    distribution = _distribution({k: v for k, v in keys.items() if k != "unit"}, keys["unit"], now.calendar)
    known = now.entries.get(path)
    if known is not None and known.unit == keys["unit"]:
        return dataclasses.replace(known, distribution=distribution)
    return Assumption(path, path, keys["unit"], distribution, "judgement", "-", "-", dt.date.min)


def _distribution(keys: Mapping[str, Any], unit: str, year: Calendar) -> Distribution:
    """What `keys_of` made of a distribution, read back."""
    if {"before", "from", "after"} <= keys.keys():
        before, after = (_distribution(keys[key], unit, year) for key in ("before", "after"))
        return changed_from(before, after, keys["from"], unit=unit, year=year, own=bool(keys.get("own")))
    return NumberChange(**keys, why="-").distribution()


def of_revision(
    base: Path, revision: str, scenarios: Sequence[str] = (), *, units: Mapping[str, bool] | None = None
) -> Assumptions:
    """The assumption files of a git revision, loaded as they were; `units` as of `load`.

    Raises InputError where there is no git, no such revision, or files that cannot be loaded any more.
    """
    if revision.startswith("-"):  # git would take it for an option, and some write files
        raise InputError(Problem(f"'{revision}' is no revision", "main, HEAD~3, a tag, a hash"))
    root = base.resolve().parent
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        for name in (base.name, *_listed(root, revision, "scenarios")):
            content = _git(root, "show", "--no-textconv", f"{revision}:./{name}")
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            (place / name).write_bytes(content)
        try:
            found = load(place / base.name, scenarios, units=units)
        except InputError as error:
            raise InputError(
                [dataclasses.replace(p, file=f"{revision}:{Path(p.file).name}") for p in error.problems]
            ) from None
    return found.replace(root=root, scenario=revision if not scenarios else f"{revision}:{found.scenario}")


def _listed(root: Path, revision: str, folder: str) -> list[str]:
    names = _git(root, "ls-tree", "--name-only", revision, f"{folder}/").decode().split("\n")
    return [name for name in names if name.endswith(".toml")]


def revision(root: Path) -> str:
    """The revision that a folder stands at in git; nothing where there is none."""
    try:
        return _git(root, "rev-parse", "HEAD").decode().strip()
    except InputError:
        return ""


def tracks(root: Path, file: str) -> bool:
    """Whether git has a file of a folder; not where there is no git."""
    try:
        return bool(_git(root, "ls-files", "--", file).strip())
    except InputError:
        return False


def _git(root: Path, *arguments: str) -> bytes:
    try:
        done = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, check=False)
    except FileNotFoundError:
        raise InputError(Problem("git is not there", "`model diff` reads earlier files from git")) from None
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines() or ["git failed"]
        hint = "`git log --oneline -- assumptions.toml` lists revisions: main, HEAD~3, a tag, a hash"
        raise InputError(Problem(said[0].removeprefix("fatal: "), hint))
    return done.stdout
