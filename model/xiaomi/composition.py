"""Drivers that a case switches on by its tables: what later years add stands in a file of its own, and a run of one year has none of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from model.simulation.sampling.draws import Draws

Value = TypeVar("Value")
Driver = Callable[..., Any]


def needs(path: str) -> Callable[[Driver], Driver]:
    """Mark a driver that is part of the business where the case has an assumption of this path."""

    def marked(driver: Driver) -> Driver:
        driver.needs = path  # type: ignore[attr-defined]
        return driver

    return marked


def is_on(draws: Draws, driver: Driver) -> bool:
    """Whether a driver is part of the business; one that needs nothing always is."""
    path = getattr(driver, "needs", "")
    return not path or path in draws.assumptions.entries


def composed(draws: Draws, value: Value, *drivers: Driver, given: Sequence[Any] = ()) -> Value:
    """Return a value as the drivers that are switched on make it, one after the other; `given` : what each takes beside it."""
    for driver in drivers:
        if is_on(draws, driver):
            value = driver(draws, value, *given)
    return value
