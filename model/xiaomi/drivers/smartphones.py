"""Smartphones: shipments x price, and a margin that memory squeezes."""

from __future__ import annotations

import numpy as np


def shipments(*, market: np.ndarray, growth: np.ndarray, share: np.ndarray, season: np.ndarray) -> np.ndarray:
    """Phones before price effects, mn.

    market : (draw,) mn phones/year; growth, share : (draw,); season : (quarter, 1), sums to 1
    """
    return market * (1.0 + growth) * share * season


def carried_on(
    *, first: np.ndarray, users: np.ndarray, per_phone: np.ndarray, lengthening: np.ndarray, quarters: int
) -> np.ndarray:
    """Phones before price effects in years after the first, by users and replacement cycle; (quarter, draw), mn.

    first : (4, draw) of the first year; users : (draw,) mn when it begins; per_phone : (draw,) or (quarter, draw) users gained,
    net of those lost; lengthening : (quarter, draw) or (draw,) growth of the replacement cycle in a year

    A user buys a phone every so many years. The cycle is what the first year implies, users over phones, and grows each year;
    so phones grow with users and fall with the cycle.
    """
    gained = np.broadcast_to(per_phone, (quarters, first.shape[-1]))
    slower = np.broadcast_to(lengthening, (quarters, first.shape[-1]))
    rows, now, have = [first], first, users
    for quarter in range(4, quarters, 4):
        after = have + np.sum(now * gained[quarter - 4 : quarter], axis=0)
        now = now * (after / have) / (1.0 + slower[quarter])
        have = after
        rows.append(now)
    return np.concatenate(rows)


def cost_rise(*, price_rise: np.ndarray, cost_share: np.ndarray, mitigation: np.ndarray) -> np.ndarray:
    """Rise of the cost of a phone from memory, as a share of that cost; (quarter, draw).

    price_rise : (quarter, draw) of memory; cost_share : (draw,) of memory in the cost of a phone
    mitigation : (draw,) share of the rise kept away
    """
    return cost_share * (1.0 - mitigation) * price_rise


def price_factor(*, rise: np.ndarray, pass_through: np.ndarray, margin: np.ndarray) -> np.ndarray:
    """Price against the price without memory: the share `pass_through` of the RMB of cost rise is recovered."""
    return 1.0 + pass_through * rise * (1.0 - margin)


def squeezed_margin(*, rise: np.ndarray, factor: np.ndarray, margin: np.ndarray) -> np.ndarray:
    """Gross margin after memory: 1 - cost (1 + rise) / (price x factor)."""
    return 1.0 - (1.0 - margin) * (1.0 + rise) / factor


def revenue(*, shipments: np.ndarray, asp: np.ndarray) -> np.ndarray:
    """Mn phones x RMB/phone -> RMB bn."""
    return shipments * asp / 1000.0
