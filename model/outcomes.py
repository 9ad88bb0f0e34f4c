"""Names of outcomes: what unit each has."""

from __future__ import annotations


def unit_of(outcome: str) -> str:
    """Unit of an outcome of `business`."""
    name = outcome.split(".")[1] if "." in outcome else outcome
    if name in ("deliveries", "orders", "capacity", "waiting", "cancelled"):
        return "vehicle"
    if name in ("gross_margin", "mix", "capacity_bound"):
        return "share"
    return {"shipments": "mn phones", "users": "mn users", "devices": "mn devices"}.get(name, "RMB bn")
