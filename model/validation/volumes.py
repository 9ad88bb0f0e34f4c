"""What an update owes: a price that changes moves what is ordered at it, and each member of a group that it tells of is there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from model.assumptions.assumption import Assumption, Assumptions
from model.assumptions.case import Layer
from model.assumptions.parser import Parser
from model.errors import Problem, near
from model.simulation.business import Business, Volumes

WHY = "why_no_volume"


def problems(latest: Assumptions, business: Business) -> list[Problem]:
    """What updates leave out; latest : the case with all of them."""
    layers: Sequence[Layer] = latest.case.updates if latest.case else ()
    faults: list[Problem] = []
    for layer in layers:
        parser = Parser(layer, faults)
        tables = parser.tables()
        for n, path in enumerate(layer.content["update"].get("announces", [])):
            if not any(f"{each}.".startswith(f"{path}.") for each in (*latest.entries, *tables)):
                hint = near(path, latest.entries) or "Add it whole, or say in `noted` why no assumption takes it"
                parser.complain(f"announces '{path}', which is not there", hint, f"update.announces.{n}", "announces")
        if business.volumes is not None:
            for path, what, hint in _unmoved(tables, latest, business.volumes):
                parser.complain(what, hint, path)
    return faults


def _unmoved(
    tables: Mapping[str, Mapping[str, Any]], latest: Assumptions, rule: Volumes
) -> Iterator[tuple[str, str, str]]:
    """Prices that one update changes and that move nothing: path, what is wrong, what would be right."""
    for path, table in tables.items():
        if (
            "label" in table
            or not table.get("as_of")
            or table["as_of"] <= rule.since
            or str(table.get(WHY, "")).strip()
        ):
            continue  # whole new ones bring volumes of their own
        for price, carriers in rule.prices.items():
            found = re.fullmatch(price.replace(".", r"\.").replace("*", "([^.]+)"), path)
            if not found:
                continue
            wanted = [each.replace("*", found[1], 1) for each in carriers]
            elastic = any(_moves(latest.entries.get(each)) for each in rule.elastic.get(price, ()))
            if not elastic and not any(one in tables for one in wanted):
                hint = f"Change {' or '.join(wanted)} too, or say {WHY}"
                yield path, "changes a price, and nothing that is ordered at it", hint


def _moves(elasticity: Assumption | None) -> bool:
    """Whether it is there and not nought."""
    said = None if elasticity is None else elasticity.distribution
    return said is not None and (said.uncertain or bool(np.any(said.known != 0)))
