"""Smartphones in two tiers: shipments and prices that memory moves, and the margin that it squeezes.

rise[k]   = memory's share of cost[k] x (1 - mitigation) x rise of memory prices
price[k]  = price without memory[k] (1 + pass-through[k] rise[k] (1 - margin[k]))
units[k]  = phones x share[k] (price[k] / price without memory[k])^-elasticity[k] (1 + rise of memory prices)^-rationing[k]
cost[k]   = price without memory[k] (1 - margin[k]) (1 + rise[k])

The average price is the mix: cheap phones hold more memory for their price, so what makes memory dear makes the mix dear too.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Tier(NamedTuple):
    """Phones below, or above, a price; (draw,) or (quarter, draw) each."""

    share: np.ndarray  # of units before memory, relative to the other tiers
    price: np.ndarray  # RMB/phone before memory is passed on
    margin: np.ndarray  # gross, before memory
    memory: np.ndarray  # share of memory in the cost of a phone
    pass_through: np.ndarray  # share of the RMB of cost rise that prices recover
    elasticity: np.ndarray  # of units to the price so raised
    rationing: np.ndarray  # elasticity of units to the price of memory itself: who is short of it builds fewer


class Sold(NamedTuple):
    """What a tier comes to, (quarter, draw)."""

    units: np.ndarray  # mn phones
    revenue: np.ndarray  # RMB bn
    cost: np.ndarray  # RMB bn


def shipments(*, market: np.ndarray, growth: np.ndarray, share: np.ndarray, season: np.ndarray) -> np.ndarray:
    """Phones at the memory prices of the base quarter, mn.

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


def sold(
    *, phones: np.ndarray, tier: Tier, every_share: np.ndarray, price_rise: np.ndarray, mitigation: np.ndarray
) -> Sold:
    """What a tier sells, (quarter, draw).

    phones : (quarter, draw) mn of all tiers before memory; every_share : sum of the tiers' shares
    price_rise : (quarter, draw) of memory, a share; mitigation : (draw,) share of it kept away
    """
    rise = tier.memory * (1.0 - mitigation) * price_rise
    factor = 1.0 + tier.pass_through * rise * (1.0 - tier.margin)
    moved = np.exp(-tier.elasticity * np.log(factor) - tier.rationing * np.log1p(np.maximum(price_rise, 0.0)))
    units = phones * (tier.share / every_share) * moved
    return Sold(
        units, units * tier.price * factor / 1000.0, units * tier.price * (1.0 - tier.margin) * (1.0 + rise) / 1000.0
    )
