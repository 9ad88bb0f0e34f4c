"""Posteriors that were computed already, on disk: unchanged inputs are there at once.

One file for each, .cache/posteriors/KEY.npz, with a check sum; the key is made of the assumptions, the reports, draws, seed,
code and versions. Of all files the latest are kept, up to `MOST` bytes. What cannot be read or written is computed again.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import hashlib
import io
import json
import os
import platform
import shutil
import sys
import time
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import scipy

from model.assumptions.assumption import Assumptions
from model.files.source_hash import code_hash
from model.inference.posterior import Posterior, ReportPercentile, Snapshot, TemperingStep
from model.simulation.business import Business
from model.simulation.measures import Bound, Measure
from model.simulation.observation import Observation
from model.simulation.outside_view import applied
from model.simulation.sampling.draws import Draws
from model.simulation.sampling.latents import Given
from model.simulation.simulate import simulate

MAKERS = ("assumptions", "simulation", "inference")  # rooms whose code makes a posterior, beside the business's own
FOLDER, MOST = Path(".cache") / "posteriors", 600_000_000
SEAL = 4  # bytes of the check sum
LEFT = 600  # seconds after which a file that is half written is written by nobody


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
        """Twenty hexadecimal digits of everything that moves a number; "" for a business without a name.

        Of the code, that of the rooms which make one; a business of a user's own changes its name with its code.
        """
        if not self.business.name:
            return ""
        reports = [[repr(getattr(o, field.name)) for field in dataclasses.fields(o)] for o in self.observations]
        package, *room = self.business.function.__module__.split(".")
        makers = (*MAKERS, *room[:1]) if package == __package__.split(".")[0] else MAKERS
        versions = [code_hash(*makers, without=("report",)), np.__version__, scipy.__version__, platform.machine()]
        days = [self.assumptions.about.as_of.isoformat(), self.day.isoformat()]
        of = [self.business.name, self.assumptions.hash, self.assumptions.order]
        makes = [*of, days, reports, self.draws, self.seed, *versions]
        return hashlib.sha256(json.dumps(makes).encode()).hexdigest()[:20]

    @property
    def place(self) -> Path:
        """Where it is kept."""
        return self.assumptions.root / FOLDER / f"{self.key}.npz"

    @property
    def is_kept(self) -> bool:
        """Whether it is kept, sound or not."""
        return bool(self.key) and self.place.is_file()


def put(posterior: Posterior, inputs: PosteriorInputs) -> None:
    """Keep a posterior; of the older ones drop what is too much. What stands in the way is said, and nothing is lost."""
    if not inputs.key:
        return
    arrays = {f"score {name}": row for name, row in posterior.scores.items()}
    arrays["replicate"] = posterior.result.replicate
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
    }
    arrays["said"] = np.frombuffer(json.dumps(said).encode(), np.uint8)
    held = io.BytesIO()
    np.savez(held, allow_pickle=False, **arrays)
    content = held.getvalue()
    place, folder = inputs.place, inputs.place.parent
    half = folder / f"{inputs.key}.{os.getpid()}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        half.write_bytes(zlib.crc32(content).to_bytes(SEAL, "big") + content)
        if place.is_dir():
            shutil.rmtree(place)
        half.replace(place)
        _drop_old(folder)
    except OSError as error:
        with contextlib.suppress(OSError):
            half.unlink(missing_ok=True)
        print(f"The posterior is not kept for the next time: {folder}: {error.strerror}", file=sys.stderr)


def _drop_old(folder: Path) -> None:
    """Of the older ones what is too much, and what others left that were killed as they wrote."""
    for half in folder.glob("*.part"):
        with contextlib.suppress(OSError):
            if time.time() - half.stat().st_mtime > LEFT:
                half.unlink(missing_ok=True)
    files = sorted(folder.glob("*.npz"), key=lambda path: path.stat().st_mtime, reverse=True)
    total = 0
    for path in files:
        total += path.stat().st_size
        if total > MOST:
            path.unlink(missing_ok=True)


def get(inputs: PosteriorInputs) -> Posterior | None:
    """The posterior that was kept, or None."""
    if not inputs.is_kept:
        return None
    try:
        return _read(inputs)
    except Exception:  # noqa: BLE001  whatever is wrong with what was kept, it is made again
        return None


def _read(inputs: PosteriorInputs) -> Posterior:
    """The posterior in its file; raises where that is none of ours, or not of these inputs."""
    assumptions, business, observations = inputs.assumptions, inputs.business, inputs.observations
    content = inputs.place.read_bytes()
    if len(content) < SEAL or zlib.crc32(content[SEAL:]) != int.from_bytes(content[:SEAL], "big"):
        raise ValueError("its check sum is another")
    with np.load(io.BytesIO(content[SEAL:])) as arrays:
        said: dict[str, Any] = json.loads(arrays["said"].tobytes())
        replicate = arrays["replicate"]
        weights = arrays.get("weights")
        scores = {name: arrays[f"score {name}"] for name in said["names"]}
    size = len(replicate)
    held = [*scores.values(), *([] if weights is None else [weights])]
    if any(np.shape(row) != (size,) or not np.isfinite(row).all() for row in held):
        raise ValueError("its draws are not all there")
    with contextlib.suppress(OSError):
        inputs.place.touch()
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
