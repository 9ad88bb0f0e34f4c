"""The whole company once more, in plain Python with loops over one draw: medians everywhere, no noise."""

import math

import numpy as np
import pytest

from model import simulate
from model.assumptions.distributions.base import Fixed
from model.xiaomi.drivers import calendar, capacity, ecosystem, orders

HALF = np.full(1, 0.5)
YEAR = range(1, 13)


@pytest.fixture(scope="module")
def medians(base):
    """Every assumption at its median but the accident, which happens; noise switched off."""
    entries = {}
    for path, entry in base.entries.items():
        value = entry.distribution.quantile(HALF)
        value = (
            np.ones(1)
            if path == "ev.accident.happens"
            else np.zeros(1)
            if path.startswith(("noise.", "drift."))
            else value
        )
        column = value if value.ndim == 2 else float(value[0])
        entries[path] = entry.__class__(**{**vars(entry), "distribution": Fixed(column)})
    return base.replace(entries=entries, correlations=())


@pytest.fixture(scope="module")
def outcomes(medians):
    result = simulate(medians, draws=2048)
    assert all(np.ptp(values, axis=-1).max() < 1e-6 * (1 + np.abs(values).max()) for values in result.outcomes.values())
    return {name: values[:, 0] for name, values in result.outcomes.items()}


def number(assumptions, path, index=None):
    value = assumptions[path].distribution.value
    return float(value[index, 0]) if np.ndim(value) == 2 else float(value)


def overlap(a, b, c, d):
    return max(0.0, min(b, d) - max(a, c))


def per_car(a, v):
    """(price against that at which orders were judged, revenue and reference revenue) of a line, RMB."""
    trims = a.children(f"ev.lines.{v}.trims")
    shares = [number(a, f"ev.lines.{v}.trims.{k}.share") for k in trims]

    def mean(key):
        values = [number(a, f"ev.lines.{v}.trims.{k}.{key}") for k in trims]
        return sum(x * y for x, y in zip(values, shares, strict=True)) / sum(shares)

    asked = mean("price") - number(a, f"ev.lines.{v}.discount")
    kept = number(a, f"ev.lines.{v}.net") / (1 + number(a, f"ev.lines.{v}.vat"))
    return asked / mean("reference"), asked * kept, mean("reference") * kept


def orders_alone(a, v, t):
    """Orders of a line in a month before others take from it and owners talk, by the equations of docs/model.md."""

    def n(path, index=None):
        return number(a, path, index)

    phase = (t - 0.5) / 12
    path, rivals = (
        1 - n("ev.price_war.follow") * n("ev.price_war.rival_cut") * phase,
        1 - n("ev.price_war.rival_cut") * phase,
    )
    mine, common = n("ev.price.elasticity"), n("ev.price.class_elasticity")
    paid = overlap(0, n("ev.trade_in.until"), t, t + 1)
    grant, tax = n("ev.trade_in.grant"), n("ev.market.tax")
    outlay = (1 + tax) * (1 - grant * paid) / (1 - grant)
    month, depth, recovery = (n(f"ev.accident.{k}") for k in ("month", "depth", "recovery"))
    steps = 20_000  # the mean over the month of the loss, by the midpoint rule
    after = [x for i in range(steps) if (x := t + (i + 0.5) / steps) >= month]
    loss = sum(depth * math.exp(-(x - month) / recovery) for x in after) / steps
    decay, season = n("ev.market.payback_decay"), [n("ev.season", m) for m in range(12)]
    rise = max(grant * (1 - n("ev.trade_in.renewed")) - grant * (1 - overlap(0, n("ev.trade_in.until"), 12, 13)), 0.0)
    later = 12 - t  # the month of the next year that this one mirrors, from 0
    moved = math.exp(-later / decay) * season[later] / season[t - 1] if later < 6 else 0.0
    pull = (
        n("ev.market.level")
        * (1 + n("ev.market.growth")) ** phase
        * outlay**-common
        * (1 - n("ev.market.payback") * math.exp(-(t - 1) / decay))
        * (1 + n("ev.market.payback") * rise / tax * moved)
        * path**-mine
        * rivals ** (mine - common)
        * (1 + 12 * n("ev.stores.added") * phase / n("ev.stores.before")) ** n("ev.stores.elasticity")
        * (1 + n("ev.phone_users.share") * ((1 + n("ev.phone_users.growth")) ** phase - 1))
        * (1 - loss)
    )
    start, end, surge = (n(f"ev.lines.{v}.{k}") for k in ("start", "end", "surge"))
    age = max(t + 0.5 - max(start, 1.0), 0.0)
    normal = overlap(start, end, t, t + 1) * (1 - n("ev.launch.fade")) ** age * season[t - 1]
    left = [math.exp(-max(edge - start, 0.0) / n("ev.launch.decay")) for edge in (t, t + 1)]
    own, _, _ = per_car(a, v)
    return n(f"ev.lines.{v}.orders") * (normal + surge * (left[0] - left[1])) * pull * own**-mine


def less_what_is_taken(a, alone):
    """Orders of a month by line, less what younger lines take."""
    start, left = {v: number(a, f"ev.lines.{v}.start") for v in alone}, dict(alone)
    for younger in alone:
        older = [v for v in alone if start[v] < start[younger]]
        before = sum(alone[v] for v in older)
        for v in older:
            left[v] *= 1 - (number(a, f"ev.lines.{younger}.taken") * alone[younger] / before if before else 0.0)
    return left


def hand(a):
    """(cars by line and month, EV revenue and profit by quarter), by the equations of docs/model.md."""

    def n(path, index=None):
        return number(a, path, index)

    lines, plants = a.children("ev.lines"), a.children("ev.plants")
    waiting = {v: n(f"ev.lines.{v}.waiting") * n("ev.book.firm") for v in lines}
    early, cars, from_opening, cuts = sum(waiting.values()), {v: [] for v in lines}, [], []
    stock, road, cut, built, weeks, spoken = n("ev.stock.opening"), n("ev.owners.before"), 0.0, None, None, 1.0
    opened, needed_for, running = {}, n("ev.gate.patience"), {p: [] for p in plants}
    for t in YEAR:
        alone = {v: orders_alone(a, v, t) for v in lines}
        signed = less_what_is_taken(a, alone)
        if (t - 1) % 3 == 0:
            spoken = (road / n("ev.owners.before")) ** n("ev.owners.elasticity")
        capacity = 0.0
        for p in plants:
            ready = n(f"ev.plants.{p}.start")
            if p not in opened and (ready <= 1 or (ready < t + 1 and needed_for >= n("ev.gate.patience"))):
                opened[p] = ready if ready <= 1 else max(ready, t)
            running[p].append(overlap(opened.get(p, 99), 1e9, t, t + 1))
            ramp = min(1.0, max(0.0, (t + 0.5 - opened.get(p, 99)) / n(f"ev.plants.{p}.ramp")))
            begin = n(f"ev.plants.{p}.outage_month")
            lost = overlap(begin, begin + n(f"ev.plants.{p}.outage"), t, t + 1)
            capacity += n(f"ev.plants.{p}.nameplate") * n(f"ev.plants.{p}.shift_factor") / 12 * ramp * (1 - lost)
        capacity *= n("ev.workdays", t - 1)
        if built is None:
            weeks, built = (
                52 / 12 * sum(waiting.values()) / capacity,
                min(capacity, n("ev.book.ready") * sum(waiting.values())),
            )
        for v in lines:
            waiting[v] += signed[v] * spoken * (1 - cut) ** -n("ev.price.elasticity")
        cuts.append(cut)
        wanted = n("ev.book.ready") * sum(waiting.values())
        need = wanted - stock
        floor = min((1 - n("ev.stock.flex")) * built, need + n("ev.stock.most") * wanted)
        built = min(max(need, floor, 0.0), capacity)
        delivered = min(wanted, stock + built)
        stock += built - delivered
        share = delivered / sum(waiting.values())
        rate = n("ev.book.cancellation") + n("ev.book.impatience") * max(weeks - n("ev.book.accepted"), 0.0)
        for v in lines:
            cars[v].append(share * waiting[v])
            waiting[v] = (1 - share) * waiting[v] * (1 - rate)
        from_opening.append(share * early)
        early = (1 - share) * early * (1 - rate)
        road += delivered
        weeks = 52 / 12 * sum(waiting.values()) / delivered
        cut = min(max(n("ev.stock.discount") * (stock / delivered - n("ev.stock.long")), 0.0), 0.5)
        book = 52 / 12 * sum(waiting.values()) / capacity
        needed_for = needed_for + 1 if book > n("ev.gate.weeks") or built / capacity > n("ev.gate.use") else 0.0
    revenue, profit = [0.0] * 4, [0.0] * 4
    for t in YEAR:
        q, phase = (t - 1) // 3, (t - 0.5) / 12
        sales = cost = 0.0
        for v in lines:
            _, price, reference = per_car(a, v)
            sold = cars[v][t - 1]
            sales += (
                sold
                * price
                * (1 - n(f"ev.lines.{v}.duty"))
                * (1 - n("ev.price_war.follow") * n("ev.price_war.rival_cut") * phase)
                * (1 - cuts[t - 1])
            )
            slope = n("ev.cost.class_slope") if n(f"ev.lines.{v}.class") else n("ev.cost.slope")
            made = n("ev.cost.variable") + slope * (reference - n("ev.cost.reference_price"))
            cost += sold * (made * (1 + n("ev.cost.inflation")) - n("ev.cost.integration") * phase)
        sales -= from_opening[t - 1] * n("ev.tax_guarantee.per_car") * n("ev.tax_guarantee.eligible")
        revenue[q] += sales * (1 + n("ev.other.share")) / 1e9
        profit[q] += (sales * (1 + n("ev.other.share") * n("ev.other.margin")) - cost) / 1e9
    for p in plants:
        for q in range(4):
            profit[q] -= n(f"ev.plants.{p}.fixed_cost") * sum(running[p][3 * q : 3 * q + 3]) / 3
    return cars, revenue, profit


def test_cars_of_each_line_and_month_are_those_worked_out_one_by_one(medians, outcomes):
    cars, _, _ = hand(medians)
    for line, months in cars.items():
        assert outcomes[f"ev.deliveries.{line}"][:12] == pytest.approx(months, rel=1e-6), line


def test_ev_revenue_profit_and_result_are_those_worked_out_one_by_one(medians, outcomes):
    _, revenue, profit = hand(medians)
    before = [number(medians, "ev.before.revenue") / 4] * 4 + revenue
    opex = []
    for q in range(4):  # nobody cuts before four quarters of loss are over
        fixed = sum(number(medians, f"ev.opex.{key}", q) for key in ("research", "other", "ai"))
        above = sum(before[q : q + 4]) - number(medians, "ev.opex.level")
        opex.append(fixed + number(medians, "ev.opex.response") / 4 * above)
    assert outcomes["ev.revenue"][:4] == pytest.approx(revenue, rel=1e-6)
    assert outcomes["ev.gross_profit"][:4] == pytest.approx(profit, rel=1e-6)
    assert outcomes["ev.operating_result"][:4] == pytest.approx(np.subtract(profit, opex), rel=1e-5)


def test_phones_users_devices_and_services_are_those_worked_out_one_by_one(medians, outcomes):
    def n(path, index=None):
        return number(medians, path, index)

    cars, _, _ = hand(medians)
    users, devices = n("ecosystem.users"), n("ecosystem.devices")
    first = devices / users
    until = n("ev.trade_in.until")  # month in which the state's money runs out
    paid = [overlap(3 * q + 1, 3 * q + 4, 1, until) / 3 for q in range(4)]
    for q in range(4):
        sold = sum(months[t] for months in cars.values() for t in range(3 * q, 3 * q + 3)) / 1e6
        every = (
            n("smartphones.market")
            * (1 + n("smartphones.market_growth"))
            * n("smartphones.share")
            * n("smartphones.level")
            * n("smartphones.season", q)
        )
        every += sold * n("ecosystem.phones_per_vehicle")
        memory = n("smartphones.memory.price_rise", q)
        shares = {k: n(f"smartphones.tiers.{k}.share", q) for k in ("low", "high")}
        phones = revenue = cost = 0.0
        for k, share in shares.items():
            t = {
                key: n(f"smartphones.tiers.{k}.{key}")
                for key in ("price", "margin", "memory", "pass_through", "elasticity", "rationing")
            }
            rise = t["memory"] * (1 - n("smartphones.memory.mitigation")) * memory
            factor = 1 + t["pass_through"] * rise * (1 - t["margin"])
            units = every * share / sum(shares.values()) * factor ** -t["elasticity"] * (1 + memory) ** -t["rationing"]
            phones += units
            revenue += units * t["price"] * factor / 1000
            cost += units * t["price"] * (1 - t["margin"]) * (1 + rise) / 1000
        assert outcomes["smartphones.shipments"][q] == pytest.approx(phones)
        assert outcomes["smartphones.revenue"][q] == pytest.approx(revenue)
        assert outcomes["smartphones.gross_margin"][q] == pytest.approx(1 - cost / revenue)
        before = users
        users += phones * n("ecosystem.users_per_phone") + sold * n("ecosystem.users_per_vehicle")
        mean = (before + users) / 2
        added = mean * n("ecosystem.devices_per_user") + sold * n("ecosystem.devices_per_vehicle")
        devices += added
        iot = added * n("iot.revenue_per_device") * n("iot.season", q) / 1000
        iot *= 1 + n("iot.subsidy.goods") * n("iot.subsidy.lift") * paid[q]
        density = (devices / users / first) ** n("internet.device_elasticity")
        assert outcomes["iot.revenue"][q] == pytest.approx(iot)
        assert outcomes["internet.revenue"][q] == pytest.approx(
            mean
            * n("internet.revenue_per_user", q)
            * density
            / 1000
            * (1 - n("internet.shipped") * (1 - phones / n("smartphones.before") / n("smartphones.season", q)))
        )
        assert outcomes["iot.gross_margin"][q] == pytest.approx(n("iot.margin"))
        assert outcomes["internet.gross_margin"][q] == pytest.approx(n("internet.margin"))
        assert outcomes["other.gross_profit"][q] == pytest.approx(n("other.gross_profit"))
    assert outcomes["ecosystem.users"][3] == pytest.approx(users)
    assert outcomes["ecosystem.devices"][3] == pytest.approx(devices)


def test_profit_and_earnings_a_share_are_those_worked_out_one_by_one(medians, outcomes):
    def n(path, index=None):
        return number(medians, path, index)

    cash, shares = n("group.cash.opening"), n("group.shares")
    for q in range(4):
        revenue, gross = (
            sum(outcomes[f"{s}.{what}"][q] for s in ("smartphones", "iot", "internet", "other"))
            for what in ("revenue", "gross_profit")
        )
        core = gross - revenue * n("core.selling", q) - n("core.research", q)
        before_tax = core + outcomes["ev.operating_result"][q] + cash * n("group.items")
        profit = before_tax * (1 - n("group.tax")) if before_tax > 0 else before_tax
        cash += profit + n("group.cash.flows")
        assert outcomes["core.operating_result"][q] == pytest.approx(core)
        assert outcomes["group.adjusted_net_profit"][q] == pytest.approx(profit)
        assert outcomes["group.cash"][q] == pytest.approx(cash)
        middle = (q + 0.5) / 4
        assert outcomes["group.eps"][q] == pytest.approx(profit / shares / (1 + n("group.shares_change")) ** middle)


def test_quarters_and_years_are_sums_of_their_own_months():
    monthly = 10.0 ** np.arange(-6, 6)[:, None] * np.ones((12, 2))
    assert calendar.quarterly(monthly)[:, 0] == pytest.approx([1.11e-4, 0.111, 111.0, 111e3])
    assert calendar.quarterly(np.stack([monthly, 2 * monthly])).shape == (2, 4, 2)
    assert calendar.with_year(10.0 ** np.arange(4)[:, None])[-1, 0] == 1111.0


def test_cars_count_in_millions_for_users_and_devices():
    cars = np.full((4, 1), 250_000.0)
    nothing = np.zeros((4, 1))
    users = ecosystem.users(
        opening=np.full((4, 1), 700.0), phones=nothing, per_phone=np.zeros(1), cars=cars, per_vehicle=np.full(1, 4.0)
    )
    assert users[:, 0].tolist() == [701.0, 702.0, 703.0, 704.0]
    added = ecosystem.devices_added(users=nothing, per_user=np.zeros(1), cars=cars, per_vehicle=np.full(1, 2.0))
    assert added[:, 0].tolist() == [0.5] * 4
    revenue = ecosystem.internet_revenue(
        users=np.full((4, 1), 700.0), per_user=np.full((4, 1), 10.0), density=1.0, elasticity=0.2
    )
    assert revenue[:, 0] == pytest.approx([7.0] * 4)


def test_a_month_is_at_most_a_month():
    out = capacity.outage(begin=np.array([2.0]), months=np.array([3.0]))
    assert out[:, 0].tolist() == [0, 1, 1, 1, *[0] * 8]
    sold = orders.launch(
        start=np.array([-5.0]),
        end=np.array([13.0]),
        surge=np.zeros(1),
        decay=np.ones(1),
        fade=np.zeros(1),
        season=np.ones((12, 1)),
    )
    assert sold[:, 0].tolist() == [1.0] * 12


def test_noise_of_a_share_multiplies_by_its_exponential():
    shocks = np.array([[0.0, 1.0, -2.0]])
    noise = orders.lognormal_noise(np.array([0.1]), shocks.copy())
    assert noise == pytest.approx(np.exp(0.1 * shocks - 0.005))
