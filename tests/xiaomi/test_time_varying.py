"""Changes within the year: each driver takes a number by month as it takes one for the year, and leaves the past alone."""

from dataclasses import replace

import numpy as np
import pytest

import model
from model.assumptions.calendar import MONTH as MOMENT
from model.assumptions.distributions.base import Fixed
from model.assumptions.distributions.time_varying import TimeVarying
from model.simulation.sampling.draws import Draws
from model.simulation.sampling.latents import Net
from model.xiaomi.business import XIAOMI
from tests.conftest import ROOT

FIRST, BEFORE, QUARTERS_BEFORE = "2026-10", 9, 3  # months and quarters that lie behind


class Asked(Draws):
    """Draws that note for how many periods a driver asks for each assumption."""

    def __init__(self, assumptions, size):
        super().__init__(assumptions, Net(2026, 0, size, salts=XIAOMI.salts))
        self.asked = {}

    def get(self, path, unit, periods=1):
        self.asked[path] = max(periods, self.asked.get(path, 1))
        return super().get(path, unit, periods)


@pytest.fixture(scope="module")
def base():
    return model.load(ROOT / "assumptions.toml", as_of="base")


@pytest.fixture(scope="module")
def open_paths(base):
    draws = Asked(base, 2048)
    XIAOMI.function(draws)
    return [path for path, periods in draws.asked.items() if periods > 1]


def with_changes(base, made):
    entries = {path: base[path] for path in base.entries}
    return base.replace(entries=entries | {p: replace(base[p], distribution=d) for p, d in made.items()})


def outcomes(assumptions):
    return XIAOMI.function(Draws(assumptions, Net(2026, 0, 2048, salts=XIAOMI.salts)))


def test_most_assumptions_can_change_within_the_year(base, open_paths):
    assert len(open_paths) > 60
    assert {"ev.lines.yu7.orders", "ev.price_war.rival_cut", "smartphones.share", "ev.opex.research"} <= set(open_paths)
    assert not {p for p in open_paths if p.endswith((".waiting", ".start")) or p.startswith("noise.")}


def test_a_change_to_the_same_number_changes_nothing(base, open_paths):
    same = with_changes(
        base, {p: TimeVarying(base[p].distribution, base[p].distribution, "2026-06") for p in open_paths}
    )
    for name, values in outcomes(base).items():
        np.testing.assert_allclose(outcomes_of(same)[name], values, rtol=1e-11, atol=1e-12, err_msg=name)


_made = {}


def outcomes_of(assumptions):
    return _made.setdefault(assumptions.hash, outcomes(assumptions))


def test_no_change_from_october_on_moves_a_figure_of_the_months_before(base, open_paths):
    plain, moved = outcomes(base), set()
    for path in open_paths:
        old = base[path].distribution
        shifted = old.moved(0.5) if old.movable else Fixed(np.asarray(old.quantile(np.full(1, 0.5))) * 1.1)
        made = outcomes(with_changes(base, {path: TimeVarying(old, shifted, FIRST)}))
        for name, values in made.items():
            was = plain[name]
            behind = {
                17: [*range(BEFORE), 12, 13, 14],
                12: range(BEFORE),
                5: range(QUARTERS_BEFORE),
                4: range(QUARTERS_BEFORE),
            }
            rows = list(behind[len(values)])
            np.testing.assert_allclose(values[rows], was[rows], rtol=1e-11, atol=1e-12, err_msg=f"{path}: {name}")
            if not np.allclose(values, was, rtol=1e-9):
                moved.add(path)
    noughts = {p for p in open_paths if not np.any(base[p].distribution.quantile(np.full(1, 0.5)))}  # 1.1 times 0
    # the first SU7 is off sale by then; one trim's share is all of a line's, or that of its mean price
    still = {path for path in open_paths if path.endswith(("trims.pro.share", "trims.only.share"))}
    assert set(open_paths) - moved <= noughts | still | {"ev.lines.su7.orders"}


def test_a_launch_that_is_moved_leaves_the_draws_in_which_it_has_happened(base):
    old = base["ev.lines.su7_2026.start"].distribution
    made = outcomes(
        with_changes(base, {"ev.lines.su7_2026.start": TimeVarying(old, Fixed(11.0), "2026-10", moment=True)})
    )
    orders, plain = made["ev.orders"], outcomes(base)["ev.orders"]
    np.testing.assert_array_equal(orders[:9], plain[:9])
    start = Draws(base, Net(2026, 0, 2048, salts=XIAOMI.salts))["ev.lines.su7_2026.start"]
    np.testing.assert_array_equal(orders[:, start < 10], plain[:, start < 10])


def test_orders_from_october_at_half_are_half_by_hand(base):
    paths = [f"ev.lines.{line}.orders" for line in base.children("ev.lines")]
    half = {p: TimeVarying(base[p].distribution, Fixed(0.0), "2026-10") for p in paths}
    made, plain = outcomes(with_changes(base, half)), outcomes(base)
    np.testing.assert_array_equal(made["ev.orders"][:9], plain["ev.orders"][:9])
    np.testing.assert_array_equal(made["ev.orders"][9:], 0.0)


def test_a_quarter_takes_the_mean_of_its_months(base):
    path = "smartphones.share"
    made = outcomes(with_changes(base, {path: TimeVarying(Fixed(0.10), Fixed(0.13), "2026-09")}))
    flat = outcomes(with_changes(base, {path: Fixed(0.11)}))
    np.testing.assert_allclose(made["smartphones.shipments"][2], flat["smartphones.shipments"][2], rtol=1e-12)


def test_moments_are_months(base):
    assert base["ev.lines.su7_2026.start"].unit == MOMENT
