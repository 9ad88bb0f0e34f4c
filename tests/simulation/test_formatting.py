"""Numbers in words: a chance that no draw meets, or every one, is a bound and never 0% or 100%."""

import pytest

from model.simulation import formatting
from model.simulation.measures import Bound


@pytest.mark.parametrize(
    ("draws", "below", "above"),
    [(32_768, "below 0.01%", "above 99.99%"), (2048, "below 0.2%", "above 99.8%"), (14, "below 20%", "above 80%")],
)
def test_a_bound_is_said_with_one_digit_rounded_to_the_far_side(draws, below, above):
    limit = 1 - 0.05 ** (1 / draws)
    for value, said in ((0.0, below), (1.0, above)):
        found = Bound(value, limit)
        assert formatting.share_met(found) == said
        assert formatting.chance(found) == formatting.measure(found, "share") == f"{said} (95% confidence)"


def test_the_complement_of_a_bound_is_a_bound():
    assert formatting.chance(formatting.complement(Bound(0.0, 0.0014623))) == "above 99.8% (95% confidence)"


def test_odds_and_likelihood_of_what_no_draw_meets_or_every_one_stay_open():
    assert [formatting.odds(p) for p in (0.0, 1.0)] == ["<1%", ">99%"]
    assert formatting.likelihood(0.0) == "a less than one in two hundred"
    assert formatting.likelihood(1.0) == "a more than 199 in 200"
