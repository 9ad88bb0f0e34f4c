"""Many reports at once: how likely draws make them, and the slopes of that, as arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from scipy import special

from model.assumptions.calendar import Calendar
from model.simulation.observation import IMPOSSIBLE, Observation, log_mass

WIDE = 12.0  # errors between the ends of a range, beyond which only the nearer one is looked at
STEEPEST = 1e4  # slope of a log likelihood by errors
LOG_ROOT = 0.5 * np.log(2 * np.pi)


class Reports:
    """Observations side by side. `predicted` is (report, draw) everywhere, in the reports' own units."""

    def __init__(self, observations: Sequence[Observation]) -> None:
        self.observations = list(observations)
        self.constants = np.array([one.log_constant for one in self.observations])
        # a report with a likelihood of its own, or whose relative error is of a figure of 0, is asked itself
        odd = [type(o) is not Observation or not o.error or (not o.absolute and 0 in o.ends) for o in self.observations]
        self._alone = np.flatnonzero(odd)
        self._absolute = np.array([o.absolute or bad for o, bad in zip(self.observations, odd, strict=True)], bool)
        low, high = (self._scaled([o.ends[n] for o in self.observations]) for n in (0, 1))
        error = np.array([o.error or 1.0 for o in self.observations])[:, None]
        self._error, self._low, self._high = error, low / error, high / error
        exact, width = (low == high)[:, 0], (self._high - self._low)[:, 0]
        together = ~np.array(odd, bool)
        self._exact = np.flatnonzero(exact & together)
        self._wide = np.flatnonzero(~exact & (width > WIDE) & together)
        self._narrow = np.flatnonzero(~exact & (width <= WIDE) & together)

    def _scaled(self, values: Sequence[float]) -> np.ndarray:
        """Ends on the scale on which errors are counted: logarithms of those with a relative error, (report, 1)."""
        with np.errstate(all="ignore"):
            made = [
                v if absolute else float(np.log(max(v, 0.0)))
                for v, absolute in zip(values, self._absolute, strict=True)
            ]
        return np.array(made, float)[:, None]

    def predicted(self, outcomes: Mapping[str, np.ndarray], calendar: Calendar, size: int) -> np.ndarray:
        """What draws say of each report."""
        rows = [np.broadcast_to(one.predicted(outcomes, calendar), (size,)) for one in self.observations]
        return np.stack(rows) if rows else np.empty((0, size))

    def in_errors(self, predicted: np.ndarray) -> np.ndarray:
        """Predictions on the scale of the reports' errors: their difference from an end is what `away` gives."""
        with np.errstate(all="ignore"):
            return np.where(self._absolute[:, None], predicted, np.log(np.maximum(predicted, 0.0))) / self._error

    def log_likelihood(self, predicted: np.ndarray) -> np.ndarray:
        """(report, draw), without constants."""
        return self._read(predicted)[0]

    def with_slopes(self, predicted: np.ndarray, share: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Log likelihood with each report to its share (report,), (draw,), and its slopes by predictions in errors, (report, draw)."""
        found, slopes = self._read(predicted)
        slopes = np.clip(np.nan_to_num(slopes), -STEEPEST, STEEPEST)
        return share @ found, share[:, None] * slopes

    def _read(self, predicted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        x = self.in_errors(predicted)
        found, slopes = np.zeros(x.shape), np.zeros(x.shape)
        with np.errstate(all="ignore"):
            rows = self._exact
            slopes[rows] = self._low[rows] - x[rows]
            found[rows] = -0.5 * slopes[rows] ** 2
            rows = self._wide
            inside = np.minimum(x[rows] - self._low[rows], self._high[rows] - x[rows])
            found[rows] = special.log_ndtr(inside)
            sign = np.where(x[rows] - self._low[rows] == inside, 1.0, -1.0)
            slopes[rows] = sign * np.exp(-0.5 * inside**2 - LOG_ROOT - found[rows])
            rows = self._narrow
            above, beyond = x[rows] - self._low[rows], x[rows] - self._high[rows]
            found[rows] = log_mass(above, beyond)
            density = (np.exp(-0.5 * each**2 - LOG_ROOT - found[rows]) for each in (above, beyond))
            slopes[rows] = np.subtract(*density)
        for n in self._alone:
            found[n] = self.observations[n].log_likelihood(predicted[n])
        return np.where(np.isfinite(found), np.maximum(found, IMPOSSIBLE), IMPOSSIBLE), slopes

    def curvature(self, predicted: np.ndarray) -> np.ndarray:
        """Minus the second derivative of each log likelihood by its prediction in errors, at least 0, (report, draw)."""
        x = self.in_errors(predicted)
        out = np.zeros(x.shape)
        out[self._exact] = 1.0
        ranges = np.concatenate([self._wide, self._narrow])
        out[ranges] = _edge(x[ranges] - self._low[ranges]) + _edge(self._high[ranges] - x[ranges])
        return out


def _edge(inside: np.ndarray) -> np.ndarray:
    """Curvature of -log Phi, so many errors inside of an end."""
    a = np.clip(inside, -10.0, 30.0)
    hazard = np.exp(-0.5 * a * a - LOG_ROOT - special.log_ndtr(a))
    return np.asarray(np.maximum(hazard * (hazard + a), 0.0))
