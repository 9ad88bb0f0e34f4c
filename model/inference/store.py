"""Posteriors that were computed already, on disk: unchanged inputs are there at once.

One file for each, .cache/posteriors/KEY.npz, with a check sum; the key is made of the assumptions, the reports, draws, seed and the
model's version. Of all files the latest are kept, up to `MOST` bytes. That of the latest day comes with a release, posteriors/DAY-KEY.npz,
so that a fresh clone answers at once (`ship`).

A file holds scores, and outcomes are made of them anew. So are the likelihoods of the reports: where they are no longer those in the
file, the code is another than the one that made it, and the posterior is computed again. What cannot be read is too.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import hashlib
import json
import os
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from model._version import FROM_NOTHING, __version__
from model.assumptions.assumption import Assumptions
from model.inference import checkpoint, sealed
from model.inference.posterior import BITS, Posterior, ReportPercentile, Snapshot, TemperingStep
from model.inference.take_over import Origin, likely_of, named, origin_of, tables_of
from model.simulation.business import Business
from model.simulation.measures import Bound, Measure
from model.simulation.observation import Observation
from model.simulation.outside_view import applied
from model.simulation.sampling.draws import Draws
from model.simulation.sampling.latents import Given
from model.simulation.simulate import simulate

FOLDER, MOST = Path(".cache") / "posteriors", 200_000_000
SHIPPED, LARGEST = (
    Path("posteriors"),
    10_000_000,
)  # the folder of the file that comes with a release, and its bytes at most
ALIKE = 1e-4  # by which a draw's log likelihood may be another: what another processor rounds otherwise is far below
OTHER_CODE = "{}: this code makes other likelihoods of the reports, so the posterior is computed again"
# seconds after which a file that is half written is written by nobody, and work that was stopped is not gone on with
LEFT = {f"*{sealed.PART}": 600, f"*{checkpoint.END}": 86_400}
CANDIDATES = 4  # latest posteriors, of which the nearest is begun at


@dataclass(frozen=True)
class PosteriorInputs:
    """What a posterior is made from: all that moves one of its numbers."""

    assumptions: Assumptions
    business: Business
    observations: Sequence[Observation]
    day: dt.date
    draws: int
    seed: int

    @cached_property
    def key(self) -> str:
        """Twenty hexadecimal digits of the inputs and the model's version; "" for a business without a name.

        A business of a user's own changes its name with its code.
        """
        if not self.business.name:
            return ""
        days = [self.assumptions.about.as_of.isoformat(), self.day.isoformat()]
        makes = [days, self.said]
        return hashlib.sha256(json.dumps(makes).encode()).hexdigest()[:20]

    @cached_property
    def said(self) -> dict[str, Any]:
        """What a posterior of other reports or assumptions is compared by."""
        return {
            "made_by": [self.business.name, self.draws, self.seed, __version__],
            "day": self.day.isoformat(),
            "reports": [named(one) for one in self.observations],
            "assumptions": [self.assumptions.hash, self.assumptions.order],
        }

    @property
    def place(self) -> Path:
        """Where it is kept."""
        return self.assumptions.root / FOLDER / f"{self.key}.npz"

    @property
    def places(self) -> list[Path]:
        """Where it is, sound or not: kept here, or come with a release."""
        if not self.key:
            return []
        return [
            path
            for path in (self.place, *(self.assumptions.root / SHIPPED).glob(f"*-{self.key}.npz"))
            if path.is_file()
        ]

    @property
    def is_kept(self) -> bool:
        """Whether it is kept, sound or not."""
        return bool(self.places)


def put(posterior: Posterior, inputs: PosteriorInputs) -> None:
    """Keep a posterior; of the older ones drop what is too much. What stands in the way is said, and nothing is lost."""
    if not inputs.key:
        return
    arrays = {"replicate": posterior.result.replicate.astype(np.int8), "likely": likely_of(posterior.result)}
    if posterior.scores:
        arrays |= _as_bytes(np.stack(list(posterior.scores.values())))
    if posterior.result.weights is not None:
        arrays["weights"] = posterior.result.weights
    said = {
        "method": posterior.method,
        "names": list(posterior.scores),
        "surprises": [[s.before, s.prior] for s in posterior.surprises],
        "moments": [_moment_said(m) for m in posterior.moments],
        "log_evidence": _measure_said(posterior.log_evidence),
        "guards": list(posterior.guards),
        "degrees": [dataclasses.astuple(d) for d in posterior.degrees],
        "began_at": posterior.began_at,
        **inputs.said,
    }
    if (origin := origin_of(posterior)) is not None:
        arrays["tables"] = np.stack(list(origin.tables.values()))
        said |= {"tables": list(origin.tables), "groups": origin.groups}
    folder = inputs.place.parent
    try:
        sealed.write(inputs.place, arrays, said, small=True)
        _drop_old(folder)
    except OSError as error:
        print(f"The posterior is not kept for the next time: {folder}: {error.strerror}", file=sys.stderr)


def _drop_old(folder: Path) -> None:
    """Of the older ones what is too much, and what others left that were killed as they wrote."""
    for pattern, seconds in LEFT.items():
        for half in folder.glob(pattern):
            with contextlib.suppress(OSError):
                if time.time() - half.stat().st_mtime > seconds:
                    half.unlink(missing_ok=True)
    files = sorted(folder.glob("*.npz"), key=lambda path: path.stat().st_mtime, reverse=True)
    total = 0
    for path in files:
        total += path.stat().st_size
        if total > MOST:
            path.unlink(missing_ok=True)


def nearest(inputs: PosteriorInputs) -> Origin | None:
    """The kept posterior at which the work can begin: of the same business, with most of the reports and no other.

    Of several the one whose assumptions differ in fewest places, then the latest; None where none is kept.
    """
    if not inputs.key or os.environ.get(FROM_NOTHING):
        return None
    root = inputs.assumptions.root
    files = [*(root / FOLDER).glob("*.npz"), *(root / SHIPPED).glob("*.npz")]
    with contextlib.suppress(OSError):
        files.sort(key=lambda path: path.stat().st_mtime, reverse=True)
    now, found = tables_of(inputs.assumptions), list[tuple[int, int, Origin]]()
    for path in files[:CANDIDATES]:
        with contextlib.suppress(Exception):  # whatever is wrong with what was kept, the work begins elsewhere
            arrays, said = sealed.read(path)
            one = _origin(inputs, arrays, said) if said["made_by"] == inputs.said["made_by"] else None
            if one is not None:
                differ = sum(not np.array_equal(one.tables.get(name, ()), table) for name, table in now.items())
                found.append((-len(said["reports"]), differ, one))
    return min(found, key=lambda each: each[:2])[2] if found else None


def _origin(inputs: PosteriorInputs, arrays: dict[str, np.ndarray], said: dict[str, Any]) -> Origin | None:
    """What was kept as a posterior to begin at; None where it is none, or knows a report that these inputs do not."""
    theirs, ours = said["reports"], inputs.said["reports"]
    if "tables" not in arrays or any(one not in ours for one in theirs):
        return None
    same = said["assumptions"] == inputs.said["assumptions"] and theirs == ours[: len(theirs)]
    surprises = zip(inputs.observations, said["surprises"], strict=False)
    return Origin(
        f"the posterior of {said['day']}, of {len(theirs)} reports",
        dict(zip(said["names"], _of_bytes(arrays), strict=True)),
        arrays["replicate"],
        arrays["likely"],
        theirs,
        dict(zip(said["tables"], arrays["tables"], strict=True)),
        [(tuple(paths), factor) for paths, factor in said["groups"]],
        _measure(said["log_evidence"]),
        [ReportPercentile(one, *pair) for one, pair in surprises] if same else (),
        [_moment(each) for each in said["moments"]] if same else (),
    )


def get(inputs: PosteriorInputs) -> Posterior | None:
    """The posterior that was kept or came with a release, or None; one that other code made is said to be so."""
    for place in inputs.places:
        try:
            return _read(inputs, place)
        except OtherCodeError as error:
            print(error, file=sys.stderr)
        except Exception:  # noqa: BLE001, S112  whatever is wrong with what was kept, it is made again
            continue
    return None


def revision_of(inputs: PosteriorInputs) -> list[Any] | None:
    """The path from the base case's day to a kept posterior, as `keep_revision` left it: (what became known, forecast after it); None without."""
    for place in inputs.places:
        with contextlib.suppress(Exception):  # whatever is wrong with what was kept, it is made again
            _, said = sealed.read(place)
            if "revision" in said:
                return [(what, _moment(after)) for what, after in said["revision"]]
    return None


def keep_revision(inputs: PosteriorInputs, steps: Sequence[tuple[str, Snapshot]]) -> None:
    """Keep that path beside the posterior; what stands in the way is left to the next time."""
    with contextlib.suppress(OSError, ValueError):
        arrays, said = sealed.read(inputs.place)
        said["revision"] = [[what, _moment_said(after)] for what, after in steps]
        sealed.write(inputs.place, arrays, said, small=True)


class OtherCodeError(ValueError):
    """A posterior whose likelihoods are not those that the code makes."""


def ship(inputs: PosteriorInputs) -> Path:
    """Put the posterior that is kept into the folder that comes with a release, in the place of the one there; its new place.

    Raises ValueError for one that is too large to come with it.
    """
    folder = inputs.assumptions.root / SHIPPED
    content = inputs.place.read_bytes()
    if len(content) > LARGEST:
        raise ValueError(f"the posterior has {len(content):,} bytes, more than {LARGEST:,}")
    folder.mkdir(exist_ok=True)
    place = folder / f"{inputs.day}-{inputs.key}.npz"
    for old in folder.glob("*.npz"):
        old.unlink()
    place.write_bytes(content)
    return place


def _as_bytes(scores: np.ndarray) -> dict[str, np.ndarray]:
    """Rounded scores as whole numbers, byte by byte: of four planes two are nearly empty, and fall together on disk."""
    planes = np.ldexp(scores, BITS).astype("<i4").view(np.uint8).reshape(*scores.shape, 4)
    return {f"scores {n}": np.ascontiguousarray(planes[..., n]) for n in range(4)}


def _of_bytes(arrays: Mapping[str, np.ndarray]) -> np.ndarray:
    """Scores (coordinate, draw) as `_as_bytes` left them."""
    planes = np.stack([arrays[f"scores {n}"] for n in range(4)], axis=-1)
    return np.ldexp(planes.view("<i4")[..., 0].astype(float), -BITS)


def _read(inputs: PosteriorInputs, place: Path) -> Posterior:
    """The posterior in its file; raises where that is none of ours, or not of these inputs, or of other code."""
    assumptions, business, observations = inputs.assumptions, inputs.business, inputs.observations
    arrays, said = sealed.read(place)
    replicate, weights = arrays["replicate"].astype(int), arrays.get("weights")
    scores = dict(zip(said["names"], _of_bytes(arrays), strict=True)) if said["names"] else {}
    size = len(replicate)
    held = [*scores.values(), *([] if weights is None else [weights])]
    if any(np.shape(row) != (size,) or not np.isfinite(row).all() for row in held):
        raise ValueError("its draws are not all there")
    if place == inputs.place:
        with contextlib.suppress(OSError):
            place.touch()
    inside = simulate(assumptions, business, draws=inputs.draws, seed=inputs.seed)
    prior = applied(inside)
    outcomes = inside.outcomes
    if scores:
        with np.errstate(all="ignore"):
            made = business.function(Draws(assumptions, Given(scores, 0, size)))
        outcomes = {name: np.asarray(values) for name, values in made.items()}
    elif size != prior.draws:
        raise ValueError("it is of another number of draws")
    dated = assumptions.replace(about=assumptions.about.model_copy(update={"as_of": inputs.day}))
    made_again = dataclasses.replace(inside, assumptions=dated, outcomes=outcomes, replicate=replicate, weights=weights)
    result = made_again.after(reports=tuple(observations))
    likely = likely_of(result)
    if likely.shape != arrays["likely"].shape or not np.isclose(likely, arrays["likely"], ALIKE, ALIKE).all():
        raise OtherCodeError(OTHER_CODE.format(place.name))
    return Posterior(
        result,
        prior,
        said["method"],
        [ReportPercentile(one, *pair) for one, pair in zip(observations, said["surprises"], strict=True)],
        [_moment(each) for each in said["moments"]],
        _measure(said["log_evidence"]),
        said["guards"],
        [TemperingStep(*each) for each in said["degrees"]],
        scores,
        said["began_at"],
    )


def _measure_said(measure: Measure | None) -> list[Any] | None:
    return measure and [float(measure.value), float(measure.error), isinstance(measure, Bound)]


def _measure(said: list[Any] | None) -> Measure | None:
    return said and (Bound if said[2] else Measure)(said[0], said[1])  # type: ignore[return-value]


def _moment_said(moment: Snapshot) -> list[Any]:
    levels = [float(level) for level in moment.levels]
    return [moment.day.isoformat(), moment.reports, _measure_said(moment.chance), levels, _measure_said(moment.mean)]


def _moment(said: list[Any]) -> Snapshot:
    day, reports, chance, levels, mean = said
    return Snapshot(dt.date.fromisoformat(day), reports, _measure(chance), np.array(levels), _measure(mean))  # type: ignore[arg-type]
