"""The memo as one page for the browser: opens offline, prints, light and dark, with a target to drag."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

import jinja2
import numpy as np
from PIL import Image as Picture

from model.reporting.memo import content
from model.reporting.memo.blocks import Block
from model.simulation.measures import by_replicate
from model.simulation.result import Result

COLOURS = 64  # of a figure in the page
PIXELS = 1254  # its width
STEPS, FINER = 100, 1000  # of the slider, at least; of a step, in which draws are held


def write(blocks: Sequence[Block], path: Path, *, result: Result, images: Path, dialled: str) -> None:
    """A file that holds everything: figures, draws, style and script; nothing is fetched.

    dialled : the figure in whose place the dial stands
    """
    held = resources.files("model.reporting.memo")
    page, dial = (held.joinpath(name).read_text(encoding="utf-8") for name in ("page.html", "dial.js"))
    text = jinja2.Environment(autoescape=True).from_string(page).render(
        blocks=[(type(block).__name__, block) for block in blocks], title=content.title(blocks), draws=draws(result), dial=dial,
        dialled=dialled, embedded=lambda name: _embedded(images / f"{name}.png"),
    )  # fmt: skip
    path.write_text(text + "\n", encoding="utf-8")


def draws(result: Result) -> str:
    """JSON of the target's outcome: for each replicate its sorted draws in whole steps above a base, as differences in base64.

    A target of whole steps is reached by a draw exactly where its whole part reaches it, so the page's chance is the model's;
    of weighted draws within one draw of each replicate.
    """
    target = result.assumptions.target
    values = by_replicate(result.values(target.outcome, target.period), result.replicate)
    if result.weights is None:
        values = np.sort(values, axis=-1)
    else:
        values = np.stack(
            [evenly(*row) for row in zip(values, by_replicate(result.weights, result.replicate), strict=True)]
        )
    low, high = (float(np.quantile(values, q)) for q in (0.001, 0.999))
    step = 10.0 ** np.floor(np.log10((high - low) / STEPS or 1.0))  # of the slider
    resolution, base = step / FINER, float(np.floor(values.min() / step) * step)
    whole = np.floor((values - base) / resolution)
    steps = np.diff(whole, axis=-1, prepend=0).astype("<u4")
    content = {
        "target": target.value,
        "unit": target.unit,
        "period": target.period,
        "low": low,
        "high": high,
        "base": base,
        "step": step,
        "resolution": resolution,
        "replicates": [base64.b64encode(row.tobytes()).decode() for row in _packed(steps)],
    }
    return json.dumps(content).replace("<", "\\u003c")


def evenly(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """As many draws of equal weight, sorted, as there are weighted ones: their quantiles at the middle of each share."""
    order = np.argsort(values)
    reached = np.cumsum(weights[order])
    middles = (np.arange(len(values)) + 0.5) / len(values) * reached[-1]
    found: np.ndarray = values[order][np.searchsorted(reached, middles)]
    return found


def _packed(steps: np.ndarray) -> list[np.ndarray]:
    """Numbers of 32 bits each as variable-length bytes: seven bits a byte, the highest bit says that more follow."""
    packed = []
    for row in steps.astype(np.uint64):
        digits = np.stack([(row >> np.uint64(7 * k)) & np.uint64(127) for k in range(5)], axis=1)
        lengths = np.maximum(1, 5 - np.argmax(digits[:, ::-1] > 0, axis=1))
        lengths[(digits == 0).all(axis=1)] = 1
        used = np.arange(5) < lengths[:, None]
        more = np.arange(5) < (lengths - 1)[:, None]
        packed.append((digits + np.where(more, 128, 0).astype(np.uint64))[used].astype(np.uint8))
    return packed


def _embedded(path: Path) -> str:
    """The figure with fewer colours and pixels, as an address that holds its own data."""
    with Picture.open(path) as opened:
        small = opened.convert("RGB").resize(
            (PIXELS, round(PIXELS * opened.height / opened.width)), Picture.Resampling.BILINEAR
        )
    held = io.BytesIO()
    small.quantize(COLOURS, Picture.Quantize.FASTOCTREE).save(held, "PNG", compress_level=7)
    return "data:image/png;base64," + base64.b64encode(held.getvalue()).decode()
