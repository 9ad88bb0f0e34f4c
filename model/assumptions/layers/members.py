"""Groups whose members have the same keys (products, the versions of a product): a layer may add a whole member, or retire one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from model.assumptions.assumption import Assumption, Assumptions
from model.assumptions.parser import Parser
from model.errors import near

ANY = "*"  # in a key: the name of a member of a group within the member
Tree = dict[str, Any]


def tree_of(paths: Iterable[str]) -> Tree:
    """Paths as nested tables; an assumption is an empty one."""
    tree: Tree = {}
    for path in paths:
        node = tree
        for part in path.split("."):
            node = node.setdefault(part, {})
    return tree


def keys_of(node: Tree) -> tuple[str, ...]:
    """Keys of a table, sorted: `orders`, and `trims.*.price` where the members of a group within it have the same keys."""
    found: list[str] = []
    for name, child in node.items():
        if child:
            inner = [keys_of(each) for each in child.values()]
            same = all(child.values()) and len(set(inner)) == 1
            found += (
                [f"{name}.{ANY}.{key}" for key in inner[0]] if same else [f"{name}.{key}" for key in keys_of(child)]
            )
        else:
            found.append(name)
    return tuple(sorted(found))


def open_groups(paths: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Tables whose members all have the same keys, and these keys; two members or more, or within a member of such a table."""
    found: dict[str, tuple[str, ...]] = {}

    def walk(node: Tree, path: str) -> None:
        shapes = {keys_of(child) for child in node.values() if child}
        if path and len(node) > 1 and all(node.values()) and len(shapes) == 1:
            found[path] = keys = next(iter(shapes))
            for key in keys:  # groups within its members, those of one member too
                inner, middle, _ = key.partition(f".{ANY}.")
                if middle:
                    within = tuple(k.removeprefix(f"{inner}.{ANY}.") for k in keys if k.startswith(f"{inner}.{ANY}."))
                    found.update({f"{path}.{name}.{inner}": within for name in node})
        for name, child in node.items():
            walk(child, f"{path}.{name}" if path else name)

    walk(tree_of(paths), "")
    return found


def added(
    known: Iterable[str],
    tables: Mapping[str, dict[str, Any]],
    parser: Parser,
    day: dt.date,
    *,
    hint: Callable[[str], str],
) -> Iterator[Assumption]:
    """Whole new members among the tables of a layer, complete or refused.

    known : paths that are there; day : on which they are known unless they say so; hint : what to say of a path that is none
    """
    there = set(known)
    groups = open_groups(there)
    names = {
        group: {path[len(group) + 1 :].partition(".")[0] for path in there if path.startswith(f"{group}.")}
        for group in groups
    }
    members: dict[tuple[str, str], dict[str, dict[str, Any]]] = {}
    for path, table in tables.items():
        if path in there:
            continue
        around = [group for group in groups if path.startswith(f"{group}.")]
        outer = [group for group in around if path[len(group) + 1 :].partition(".")[0] not in names[group]]
        group = min(outer, key=len, default="")
        name, _, key = path[len(group) + 1 :].partition(".") if group else ("", "", "")
        if key:
            members.setdefault((group, name), {})[key] = table
        else:
            parser.complain("unknown assumption", hint(path), path)
    for (group, name), given in members.items():
        wanted, place = expected(groups[group], given), f"{group}.{name}"
        missing, unknown = [k for k in wanted if k not in given], [k for k in given if k not in wanted]
        if missing or unknown:
            what = f"lacks {', '.join(missing)}" if missing else f"has unknown keys {', '.join(unknown)}"
            closest = near(place, [f"{group}.{other}" for other in sorted(names[group])])
            said = closest or f"A whole new one has {', '.join(wanted)}"
            parser.complain(f"the new '{name}' in {group} {what}", said, place, f"{place}.{next(iter(given))}")
            continue
        for key, table in given.items():
            one = parser.entry(f"{place}.{key}", table, day)
            if one is not None:
                yield one


def expected(keys: Iterable[str], given: Iterable[str]) -> list[str]:
    """Keys that a member has to have, the names of members within it being those that are given."""
    found: list[str] = []
    for key in keys:
        before, middle, after = key.partition(f".{ANY}.")
        if not middle:
            found.append(key)
            continue
        names = dict.fromkeys(k[len(before) + 1 :].partition(".")[0] for k in given if k.startswith(f"{before}."))
        found += [f"{before}.{name}.{after}" for name in names or ["NAME"]]
    return found


def without(a: Assumptions, path: str) -> Assumptions:
    """Assumptions without those at or below a path, and without the correlations that these were in."""
    entries = {each: entry for each, entry in a.entries.items() if not f"{each}.".startswith(f"{path}.")}
    pairs = tuple(pair for pair in a.correlations if set(pair.between) <= entries.keys())
    return replace(a, entries=entries, correlations=pairs)
