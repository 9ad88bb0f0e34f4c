"""What later years know, by hand: drifts, learning, renewals, new lines, twelve months."""

import numpy as np
import pytest

from model.assumptions.calendar import Calendar
from model.xiaomi.drivers import europe, later, smartphones

THREE = Calendar(2026, 3)
ONE = np.ones(1)


def test_a_drift_leaves_the_first_year_alone_and_grows_with_the_root_of_time():
    score = np.random.default_rng(1).standard_normal((8, 20_000))
    made = later.drift(sd=np.full(1, 0.2), score=score, calendar=THREE)
    assert made.shape == (36, 20_000)
    assert (made[:12] == 1).all()
    assert np.median(made[35]) == pytest.approx(1, abs=0.01)
    # the quarter that ends the first later year is four steps in, the one that ends the second eight
    assert np.log(made[23]).std() == pytest.approx(0.2, rel=0.02)
    assert np.log(made[35]).std() == pytest.approx(0.2 * np.sqrt(2), rel=0.02)
    assert (made[12] == made[14]).all()


def test_a_drift_with_a_score_for_each_quarter_begins_with_the_first():
    made = later.drift(sd=np.full(1, 0.2), score=np.ones((12, 1)), calendar=THREE)
    assert made[[0, 2, 3, 35], 0] == pytest.approx(np.exp([0.1, 0.1, 0.2, 1.2]))


def test_unit_cost_falls_by_the_rate_with_each_doubling():
    built = np.zeros((36, 1))
    built[0] = 100.0
    built[12], built[24] = 100.0, 200.0  # 200 by the end of the second year, 400 by the end of the third
    cost = later.learning(built=built, before=np.zeros(1), rate=np.array([0.2]))
    assert cost[:12] == pytest.approx(1)
    assert cost[13] == pytest.approx(0.8)
    assert cost[25] == pytest.approx(0.64)
    assert cost[12] == pytest.approx(1.5 ** np.log2(0.8))  # half of the month's own output


def test_a_line_is_renewed_at_intervals_and_gets_back_the_share_said():
    fade = np.array([0.01])
    left, new = later.renewed(
        start=np.array([1.0]), interval=np.array([24.0]), restored=np.array([0.5]), fade=fade, calendar=THREE
    )
    assert np.flatnonzero(new[:, 0]).tolist() == [24]  # January of the third year
    assert left[23, 0] == pytest.approx(0.99**23.5)
    assert left[24, 0] == pytest.approx(0.99 ** (24.5 / 2))
    assert left[25, 0] == pytest.approx(0.99 ** (24.5 / 2 + 1))


def test_a_renewal_of_the_first_year_is_a_line_of_its_own_and_comes_from_no_interval():
    _, new = later.renewed(
        start=np.array([-20.0]),
        interval=np.array([24.0]),
        restored=np.array([0.5]),
        fade=np.array([0.01]),
        calendar=THREE,
    )
    assert np.flatnonzero(new[:, 0]).tolist() == [27]  # -20 + 48 is the 28th month; the one at 4 stands in the file


def test_what_a_new_line_takes_is_missing_from_those_before_it_and_nowhere_else():
    old, other, fresh, last = (np.full((36, 1), x) for x in (300.0, 100.0, 0.0, 0.0))
    fresh[20:], last[30:] = 80.0, 48.0
    start = [np.array([x]) for x in (-5.0, 2.0, 21.0, 31.0)]
    share = [0.0, 0.0, np.array([0.25]), np.array([0.5])]
    left = later.taken(signed=[old, other, fresh, last], start=start, share=share, home=[True] * 4)
    assert left[0][:20] == pytest.approx(300)
    assert [each[20].item() for each in left] == pytest.approx([300 - 15, 100 - 5, 80, 0])
    # a twentieth is gone already, and a twentieth of what is left goes too: 24 of 480
    assert [each[30].item() for each in left] == pytest.approx([285 * 0.95, 95 * 0.95, 80 * 0.95, 48])
    assert left[2][25] == pytest.approx(80)


def test_a_line_that_slips_into_the_second_year_takes_nothing_that_the_assumptions_do_not_say():
    old, slipped = np.full((36, 1), 100.0), np.full((36, 1), 50.0)
    for start in (12.9, 13.1):
        left = later.taken(
            signed=[old, slipped], start=[np.array([1.0]), np.array([start])], share=[0.0, 0.0], home=[True] * 2
        )
        assert left[0] == pytest.approx(100)


def test_what_is_taken_is_never_more_than_there_is():
    left = later.taken(
        signed=[np.full((1, 1), 10.0), np.full((1, 1), 90.0)],
        start=[np.zeros(1), np.ones(1)],
        share=[0.0, np.array([0.9])],
        home=[True] * 2,
    )
    assert [each.item() for each in left] == pytest.approx([0, 90])


def test_a_line_abroad_takes_nothing_that_is_sold_at_home_and_loses_nothing_to_it():
    old, abroad, fresh = (np.full((1, 1), x) for x in (100.0, 50.0, 40.0))
    left = later.taken(
        signed=[old, abroad, fresh], start=[np.zeros(1), np.ones(1), np.full(1, 2.0)], share=[0.0, 0.0, np.array([0.5])],
        home=[True, False, True],
    )  # fmt: skip
    assert [each.item() for each in left] == pytest.approx([80, 50, 40])


def test_twelve_months_are_counted_with_those_before_the_first():
    before = np.full((12, 1), 40.0)
    delivered = np.full((36, 2), 50.0)
    delivered[:, 1] = 40.0
    # 12 x 40 and 10 more with each month: 550 is reached with the seventh
    assert later.first_twelve(delivered=delivered, before=before, level=550, calendar=THREE).tolist() == [7.0, 37.0]


def test_growth_of_so_much_a_year_begins_with_the_second():
    grown = later.compounded(growth=np.array([0.1]), calendar=THREE)
    assert grown[:4] == pytest.approx(1)
    assert grown[[7, 11], 0] == pytest.approx([1.1 ** (7 / 8), 1.1 ** (15 / 8)])


def test_phones_follow_users_and_the_time_a_phone_is_kept():
    first = np.full((4, 1), 25.0)
    made = smartphones.carried_on(
        first=first, users=np.array([400.0]), per_phone=np.array([0.4]), lengthening=np.array([0.05]), quarters=12
    )
    assert made[:4] == pytest.approx(25)
    assert made[4] == pytest.approx(25 * (440 / 400) / 1.05)  # 100 phones brought 40 users
    second = 4 * float(made[4, 0])
    assert made[8] == pytest.approx(made[4] * ((440 + 0.4 * second) / 440) / 1.05)


def test_a_group_of_countries_comes_after_the_first_and_grows_a_year_later():
    reach = europe.reach(
        entry=np.array([3.5]), after=np.array([6.0]), size=np.array([2.0]), months=np.array([10.0]), full=np.array([3.0]),
        calendar=THREE,
    )  # fmt: skip
    assert reach[:8] == pytest.approx(0)
    assert reach[8] == pytest.approx(2 * 0.5)  # from 9.5, the middle of September
    assert reach[9:20] == pytest.approx(2)
    assert reach[26] == pytest.approx(2 * (1 + 2 * 0.6))  # the 27th month's middle is six months past 21.5
    assert reach[-1] == pytest.approx(6)


def test_the_first_group_of_countries_has_the_line_s_orders_from_its_first_day_on():
    """The line has half of a month's orders where it begins in its middle; the group takes none of that half away."""
    how = {"size": ONE, "months": ONE * 10.0, "full": ONE * 3.0, "calendar": THREE}
    assert europe.reach(entry=ONE * 3.5, after=ONE * 0.0, **how)[1:4, 0].tolist() == [0.0, 1.0, 1.0]
    assert europe.reach(entry=ONE * 3.2, after=ONE * 0.4, **how)[2, 0] == pytest.approx(0.4 / 0.8)


def test_revenue_abroad_is_net_of_duty_and_freight():
    made = europe.abroad(delivered=np.full((1, 1), 10.0), price=ONE * 400_000, duty=ONE * 0.25, shipping=ONE * 10_000)
    assert made.item() == pytest.approx(10 * 290_000)


def test_a_drift_of_the_first_year_walks_in_its_quarters_and_is_held_after_it():
    """Half of the yearly sd a quarter: 0.5 x 0.2 x (1, -2, 0, 1) summed is 0.1, -0.1, -0.1, 0."""
    made = later.settled(sd=np.full(1, 0.2), score=np.array([[1.0], [-2.0], [0.0], [1.0]]), calendar=Calendar(2026, 2))
    assert np.log(made[:, 0]) == pytest.approx([0.1, -0.1, -0.1, 0, 0, 0, 0, 0])
