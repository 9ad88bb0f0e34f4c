"""Names of Xiaomi's numbers: the units of assumptions, and what each outcome is called and counted in."""

from __future__ import annotations

import datetime as dt

from model.simulation.business import Accounts, Volumes

# Units that an assumption may have, and whether a number of it can be negative.
UNITS = {
    "vehicle": False,
    "vehicle/month": False,
    "vehicle/year": False,
    "month": True,  # on the calendar: 1.0 is 1 January of the year, 0.0 the month before
    "date": True,  # a point in time by itself
    "months": False,
    "weeks": False,
    "stores": False,
    "stores/month": True,
    "factor": False,
    "share": True,
    "share/month": True,
    "share/year": True,
    "elasticity": True,
    "RMB/vehicle": False,
    "RMB bn/quarter": True,
    "RMB/phone": False,
    "RMB/user/quarter": False,
    "RMB/device": False,
    "mn phones/year": False,
    "mn users": False,
    "mn devices": False,
    "users/phone": True,
    "users/vehicle": False,
    "phones/vehicle": False,
    "devices/user/quarter": False,
    "devices/vehicle": False,
    "1": True,
    "year": True,
    "years": False,
    "RMB bn": True,
    "stores/year": False,
    "RMB mn/store/year": False,
    "multiple": False,
    "bn shares": False,
    "HKD/RMB": False,
}
SPREADS = ("noise", "drift")  # tables of standard deviations
SEGMENTS = {
    "ev": "EV", "smartphones": "smartphone", "iot": "IoT", "internet": "internet", "other": "other", "group": "group",
    "ecosystem": "ecosystem", "core": "Smartphone x AIoT",
}  # fmt: skip
QUANTITIES = {
    "mix": "share of revenue",
    "operating_result": "segment result",
    "eps": "earnings a share",
    "waiting": "orders waiting",
    "wait": "weeks of wait",
    "built": "cars built",
    "stock": "cars in stock",
}


def unit_of(outcome: str) -> str:
    """Unit of an outcome."""
    name = outcome.split(".")[1] if "." in outcome else outcome
    name = outcome.rpartition(".")[2] if outcome.startswith("value.") else name
    if name in ("deliveries", "orders", "capacity", "built", "stock", "waiting", "cancelled", "abroad"):
        return "vehicle"
    if name == "wait":
        return "weeks"
    if name in ("twelve_months_at_target", "paid_back"):
        return "date"
    if name == "eps":
        return "RMB"
    if outcome.startswith("value.share"):
        return "RMB" if outcome.endswith("_rmb") else "HKD"
    if name in ("rank", "phases", "failed"):
        return "1"
    if name == "growth_to_aim":
        return "share/year"
    if name in ("gross_margin", "mix", "capacity_bound"):
        return "share"
    return {"shipments": "mn phones", "users": "mn users", "devices": "mn devices"}.get(name, "RMB bn")


def label_of(outcome: str) -> str:
    """An outcome in words.

    >>> label_of("ev.gross_margin"), label_of("ev.deliveries.yu7")
    ('EV gross margin', 'EV deliveries yu7')
    """
    segment, _, rest = outcome.partition(".")
    quantity, _, line = rest.partition(".")
    said = QUANTITIES.get(quantity, quantity.replace("_", " "))
    return " ".join(part for part in (SEGMENTS.get(segment, segment), said, line) if part)


# Of these, and of sums of them, figures are reported.
REPORTED = (
    "ev.deliveries", "ev.deliveries.yu7", "ev.deliveries.su7_2026", "ev.deliveries.n70 + ev.deliveries.n90", "ev.wait", "ev.revenue", "ev.gross_margin", "ev.operating_result",
    "smartphones.shipments", "smartphones.revenue", "smartphones.gross_margin",
    "iot.revenue", "internet.revenue", "other.revenue", "iot.revenue + internet.revenue + other.revenue", "ecosystem.users",
    "group.revenue", "group.gross_margin", "group.adjusted_net_profit", "group.eps", "group.research", "group.cash",
)  # fmt: skip
# Prices, and what of a line an update has to change with them; its list prices and discounts move orders by themselves.
_ORDERS = ("ev.lines.*.orders",)
VOLUMES = Volumes(
    since=dt.date(2026, 8, 20),
    prices={
        "ev.lines.*.trims.*.price": _ORDERS,
        "ev.lines.*.discount": _ORDERS,
        "ev.lines.*.trims.*.reference": _ORDERS,  # orders were judged at it
        "ev.lines.*.net": _ORDERS,  # less of the list price comes in, and nobody orders more for it
    },
    elastic={
        "ev.lines.*.trims.*.price": ("ev.price.elasticity",),
        "ev.lines.*.discount": ("ev.price.elasticity",),
    },
)
ACCOUNTS = Accounts(
    sums={"group.revenue": ("ev.revenue", "smartphones.revenue", "iot.revenue", "internet.revenue", "other.revenue")},
    stocks=("ecosystem.users", "ecosystem.devices", "group.cash"),
    signed=(
        "ev.operating_result",
        "core.operating_result",
        "group.operating_result",
        "group.adjusted_net_profit",
        "group.eps",
    ),
    counted=("vehicle", "mn phones", "mn users", "mn devices"),
)
PRICES = ("smartphones.revenue / smartphones.shipments",)
# What is missed together: too few cars are missed again in the segment's revenue and result. The group is a sum of the others.
FAMILIES = {
    "ev": "cars", "smartphones": "phones", "iot": "devices and services", "internet": "devices and services",
    "other": "devices and services", "ecosystem": "devices and services",
}  # fmt: skip
