"""Numbers as a reader should see them: rounded where their simulation error begins.

>>> rounded(529_519.2, 630.0)
'529,500'
>>> percent(0.41234, 0.0018)
'41.2%'
>>> percent(0.99999, 0.0)
'99.999%'
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from decimal import ROUND_HALF_EVEN, Decimal

from model.assumptions.calendar import DATE, date_of
from model.simulation.measures import CONFIDENCE, Bound, Measure

PURE = "1"  # the unit of a pure number, which is not said
SIGNIFICANT = 4  # digits of `short`
MOST_PLACES = 12  # decimals
EXACT = 6  # decimals of a number without an error


def decimals(error: float, most: int = MOST_PLACES) -> int:
    """Decimals to print: down to the first digit of the error; negative for tens, hundreds."""
    if not error > 0 or not math.isfinite(error):
        return min(most, EXACT)
    return min(most, -math.floor(math.log10(error)))


def rounded(value: float, error: float, most: int = MOST_PLACES) -> str:
    """A number with thousands grouped, no digit beyond the first of its error."""
    value, places = float(value), decimals(error, most)
    if abs(value) >= 1e15 or (value and error > 0 and abs(value) < 10**-MOST_PLACES):
        return f"{value:.4g}"
    if value.is_integer() and error == 0:
        return f"{value:,.0f}"
    cut = Decimal(repr(value)).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_EVEN)
    return f"{cut:,.{max(places, 0)}f}"


def percent(value: float, error: float, most: int = 1) -> str:
    """A share as a percentage, at most `most` decimals; more where a share between 0 and 1 would be said to be 0% or 100%.

    >>> percent(0.4123, 0.002), percent(0.00006, 0.00006), percent(0.99996, 0.0), percent(0.0, 0.0)
    ('41.2%', '0.01%', '99.996%', '0%')
    """
    while True:
        said = rounded(100 * value, 100 * error, most) if error else _exact(value, most).removesuffix("%")
        hides = 0 < value < 1 and float(said.replace(",", "")) in (0.0, 100.0) and most < MOST_PLACES
        if not hides:
            return f"{said}%"
        most, error = most + 1, 0.0 if error > min(value, 1 - value) else error


def chance(measure: Measure) -> str:
    """A probability with its simulation error, or the bound that it lies below or above.

    >>> chance(Measure(0.4123, 0.0018)), chance(Bound(0.0, 0.0000914)), chance(Bound(1.0, 0.0014623))
    ('41.2% ± 0.2 pp', 'below 0.01% (95% confidence)', 'above 99.8% (95% confidence)')
    >>> chance(Measure(0.0000144, 0.0000027)), chance(Measure(0.99999998, 0.0)), chance(Measure(0.4123, 0.00001))
    ('0.0014% ± 0.0003 pp', '99.999998%', '41.23% ± <0.01 pp')
    """
    if isinstance(measure, Bound):
        return f"{share_met(measure)} ({CONFIDENCE:.0%} confidence)"
    value, error = float(measure.value), float(measure.error)
    most = 1 if error == 0 else 2
    places = max(0, min(decimals(100 * error), most))
    while 0 < value < 1 and places < MOST_PLACES and float(f"{100 * value:.{places}f}") in (0.0, 100.0):
        places += 1  # neither 0% nor 100% is said of what can happen and fail to
    if error == 0:
        return _exact(value, places)
    if places > most:
        places = max(places, decimals(100 * error, MOST_PLACES))
    said = f"{100 * error:.{max(places, 1)}f}"
    return f"{100 * value:.{places}f}% ± {said if float(said) else f'<{10**-places:.{places}f}'} pp"


def share_met(measure: Measure, most: int = 1) -> str:
    """A probability alone: `41.2%`, or `below 0.01%` where no draw met it."""
    if not isinstance(measure, Bound):
        return percent(float(measure.value), float(measure.error), most)
    limit = 100 * measure.error
    places = max(0, -math.floor(math.log10(limit)))
    limit = math.ceil(limit * 10**places) / 10**places  # never closer than it is
    return f"above {_exact(1 - limit / 100, places)}" if measure.value else f"below {_exact(limit / 100, places)}"


def complement(measure: Measure) -> Measure:
    """The chance that it does not happen."""
    return type(measure)(1 - measure.value, measure.error)


def measure(found: Measure, unit: str) -> str:
    """Any measure with its simulation error and unit.

    >>> measure(Measure(529_519.2, 630.0), "unit"), measure(Measure(0.412, 0.002), "share")
    ('529,500 ± 600 unit', '41.2% ± 0.2 pp')
    """
    value, error = float(found.value), float(found.error)
    if unit == "share":
        return chance(found)
    if unit == DATE:
        return f"{in_unit(value, unit)} ± {rounded(30.4 * error, 30.4 * error)} days"
    return f"{rounded(value, error)} ± {rounded(error, error)} {unit}".removesuffix(f" {PURE}")


def measured_error(error: float, unit: str) -> str:
    """A simulation error alone: `0.2 pp`, `600 unit`."""
    scaled, name = (100 * error, "pp") if unit == "share" else (error, unit)
    return f"{rounded(scaled, scaled)} {name}".removesuffix(f" {PURE}")


def error_beside(error: float, unit: str, places: int) -> str:
    """A simulation error beside a number of so many decimals, in the scale of `signed_in`; what is less than the last of them says so.

    >>> error_beside(0.0021, "share", 1), error_beside(0.00002, "share", 1), error_beside(3e-17, "1", 3)
    ('0.2 pp', '<0.1 pp', '<0.001')
    """
    scale, name, _ = scale_of(unit)
    if scale * error >= 0.1 * 10.0**-places:
        return measured_error(error, unit)
    return f"<{10.0**-places:,.{max(places, 0)}f} {name}".removesuffix(f" {PURE}")


def odds(value: float) -> str:
    """A probability in whole per cent, never 0% or 100%, and 50% only where it is even.

    >>> odds(0.0004), odds(0.41), odds(0.9996), odds(0.0), odds(0.4953), odds(0.5)
    ('<1%', '41%', '>99%', '<1%', '49.5%', '50%')
    """
    if value < 0.005:
        return "<1%"
    if 0.495 <= value < 0.505:  # a whole number would say that it is even
        return _exact(value, 1)
    return ">99%" if value >= 0.995 else f"{100 * value:.0f}%"


FRACTIONS = (
    (0.01, "a one in a hundred"),
    (0.02, "a one in fifty"),
    (0.05, "a one in twenty"),
    (0.1, "a one in ten"),
    (0.2, "a one in five"),
    (0.25, "a one in four"),
    (1 / 3, "a one in three"),
    (0.4, "a two in five"),
    (0.5, "an even"),
    (0.6, "a three in five"),
    (2 / 3, "a two in three"),
    (0.75, "a three in four"),
    (0.8, "a four in five"),
    (0.9, "a nine in ten"),
    (0.95, "a nineteen in twenty"),
    (0.98, "a forty-nine in fifty"),
    (0.99, "a ninety-nine in a hundred"),
)
LIKELIHOOD_SCALE = (
    "Chances in words are the nearest, by their odds, of "
    + ", ".join(name.removeprefix("a ").removeprefix("an ") for _, name in FRACTIONS)
    + "; below 0.5% and above 99.5% a less than or more than. The number stands beside them."
)


def likelihood(value: float) -> str:
    """A probability as an article and a fraction, to stand before `chance`: `a two in five`.

    >>> likelihood(0.4), likelihood(0.47), likelihood(0.002), likelihood(0.999), likelihood(0.0), likelihood(1.0)
    ('a two in five', 'an even', 'a less than one in two hundred', 'a more than 199 in 200', 'a less than one in two hundred', 'a more than 199 in 200')
    """
    if value < 0.005:
        return "a less than one in two hundred"
    if value > 0.995:
        return "a more than 199 in 200"
    odds_of = math.log(value / (1 - value))
    return min(FRACTIONS, key=lambda f: abs(math.log(f[0] / (1 - f[0])) - odds_of))[1]


def agreeing(was: float, now: float, places: int) -> int:
    """Decimals, `places` or up to two more, at which the difference of both as shown is their difference as shown.

    >>> agreeing(40.03, 38.57, 1)  # 40.0 and 38.6 would differ by 1.4, and -1.46 is shown as -1.5
    2
    """
    for more in range(places, places + 2):
        if round(round(now, more) - round(was, more), more) == round(now - was, more):
            return more
    return places + 2


def thousands(value: float) -> str:
    """A count in thousands, as memo text says it: `530 thousand`."""
    return f"{value / 1000:,.0f} thousand"


def scale_of(unit: str) -> tuple[float, str, int]:
    """Factor, name and decimals with which differences of a unit are said: points for shares."""
    return (100, "pp", 1) if unit == "share" else (1, unit, 2 if "bn" in unit else 0)


def places_of(unit: str, said: Iterable[Measure] = (), significant: int = SIGNIFICANT) -> int:
    """Decimals with which measures of a unit are said together, as `signed_in` has it; negative for tens, hundreds."""
    scale, _, places = scale_of(unit)
    known = [(abs(scale * float(m.value)), scale * float(m.error)) for m in said]
    largest = max((size for size, _ in known if math.isfinite(size)), default=0.0)
    if not largest > 0:
        return places
    digits = significant - 1 - math.floor(math.log10(largest))
    errors = [error for _, error in known if error > 0]
    if errors and not places and max(errors) >= 1:
        return decimals(max(errors))
    return max(places, min(digits, decimals(min(errors), digits)) if errors else digits)


def signed_in(
    unit: str, said: Iterable[Measure] = (), significant: int = SIGNIFICANT
) -> tuple[Callable[..., str], str]:
    """How to say measures of this unit, with an optional sign, and the unit to say after them.

    said : those that are said together. Where the usual decimals of the unit would leave fewer than so many digits of the largest, they
        have as many as the smallest of their errors allows. What is counted has no digit beyond the first of their largest error.

    >>> say, unit = signed_in("share")
    >>> say(0.0512, "+"), unit
    ('+5.1', 'pp')
    >>> say, unit = signed_in("RMB bn", [Measure(0.000616, 0.0000004), Measure(0.001384, 0.0000004)])
    >>> say(0.000616), say(0.000768, "+")
    ('0.000616', '+0.000768')
    >>> say, unit = signed_in("unit", [Measure(360_788.0, 1_130.0)])
    >>> say(360_788.0)
    '361,000'
    """
    scale, name, _ = scale_of(unit)
    places = places_of(unit, said, significant)

    def say(value: float, sign: str = "", more: int | None = None) -> str:
        digits = places if more is None else more
        return f"{round(scale * float(value), digits) + 0.0:{sign},.{max(digits, 0)}f}"  # + 0.0: no minus before a zero

    return say, name


def _exact(value: float, most: int) -> str:
    text = f"{100 * value:.{most}f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) + "%"


def short(value: float) -> str:
    """Four significant digits, thousands grouped, no zeros after the last digit of a fraction.

    >>> short(22_310.842), short(3.4), short(0.008), short(12.0)
    ('22,310', '3.4', '0.008', '12')
    """
    if value == 0:
        return "0"
    if not math.isfinite(value) or not 1e-9 < abs(value) < 1e15:
        return f"{value:.4g}"
    places = SIGNIFICANT - 1 - math.floor(math.log10(abs(value)))
    text = f"{round(value, places):,.{max(places, 0)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def signed_short(value: float) -> str:
    """A difference of three digits, with its sign.

    >>> signed_short(-23_456.0), signed_short(0.1234)
    ('-23,500', '+0.123')
    """
    rounded = float(f"{value:.3g}") + 0.0
    said = short(abs(rounded))
    return f"{'-' if rounded < 0 else '+'}{said}"


def in_unit(value: float, unit: str) -> str:
    """A number as `short`, or the date that it is.

    >>> in_unit(22_310.842, "unit"), in_unit(12 * 2027 + 4.5, "date")
    ('22,310', '2027-04-16')
    """
    return short(value) if unit != DATE or not math.isfinite(value) else date_of(value).isoformat()
