"""Templates: `{{name}}` in a text, each put in its place once, so that what is put in is never taken for a name."""

from __future__ import annotations

import re
from collections.abc import Mapping

NAME = re.compile(r"\{\{([\w.]+)\}\}")


def filled(template: str, parts: Mapping[str, str]) -> str:
    """The template with its names replaced; a name that has no part stays as it is.

    >>> filled("<h1>{{title}}</h1>{{body}}", {"title": "{{body}}", "body": "<p>x</p>"})
    '<h1>{{body}}</h1><p>x</p>'
    """
    return NAME.sub(lambda found: parts.get(found[1], found[0]), template)
