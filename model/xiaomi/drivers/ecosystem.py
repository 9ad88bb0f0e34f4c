"""The ecosystem: phones and cars bring users, users attach devices, devices and users bring services."""

from __future__ import annotations

import numpy as np

from model.xiaomi.drivers.calendar import running_sum


def users(
    *, opening: np.ndarray, phones: np.ndarray, cars: np.ndarray, per_phone: np.ndarray, per_vehicle: np.ndarray
) -> np.ndarray:
    """Monthly active users at the end of each quarter, mn.

    opening : (draw,) mn; phones : (quarter, draw) mn; cars : (quarter, draw) vehicles
    per_phone : (draw,) net of users lost; per_vehicle : (draw,)
    """
    return opening + running_sum(phones * per_phone + cars / 1e6 * per_vehicle)


def mid_quarter(*, opening: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Mean of a quarter's begin and end, (quarter, draw)."""
    begin = np.concatenate([np.broadcast_to(opening, end[:1].shape), end[:-1]])
    return 0.5 * (begin + end)


def devices_added(*, users: np.ndarray, cars: np.ndarray, per_user: np.ndarray, per_vehicle: np.ndarray) -> np.ndarray:
    """Connected devices added in a quarter, mn; users : (quarter, draw) mean of the quarter, mn."""
    return users * per_user + cars / 1e6 * per_vehicle


def iot_revenue(
    *, devices_added: np.ndarray, per_device: np.ndarray, season: np.ndarray, subsidy: np.ndarray
) -> np.ndarray:
    """IoT and lifestyle revenue, RMB bn: mn devices x RMB/device x season x (1 + subsidy)."""
    return devices_added * per_device * season * (1.0 + subsidy) / 1000.0


def internet_revenue(
    *, users: np.ndarray, per_user: np.ndarray, density: np.ndarray | float, elasticity: np.ndarray | float
) -> np.ndarray:
    """Internet services revenue, RMB bn: mn users x RMB/user/quarter x density^elasticity.

    density : (quarter, draw) devices per user against the opening's
    """
    return users * per_user * np.exp(elasticity * np.log(density)) / 1000.0
