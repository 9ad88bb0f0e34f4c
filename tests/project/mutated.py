"""Files with one to three things wrong, by number: what people's fingers, editors and disks do to a text."""

import random
import re

NUMBERS = ("0", "-1", "1e308", "-1e308", "nan", "inf", "1e-320", "9" * 400, "0.5", "1_0", "07", "1e", "--3", "0x10")
VALUES = ('"text"', "true", "[]", "{}", "[1, 2]", "[1, 'a']", "1979-05-27", '""', "'''", "[[1]]", "{ p50 = 3 }", "")
GARBAGE = (
    "\0",
    "\u202e",
    "\ufeff",
    "=",
    "[",
    "]]",
    "#",
    '"',
    "'",
    "\\",
    "\r",
    "\t=",
    "é",
    "😀",
    "$(id)",
    "{{",
    "%s%n",
    "../../x",
)
KEYS = (
    "p10",
    "p50",
    "p90",
    "min",
    "max",
    "unit",
    "value",
    "dist",
    "why",
    "label",
    "mode",
    "mean",
    "sd",
    "values",
    "low",
)


def mutate(text, number):
    """The text with faults number `number`; the same number gives the same faults."""
    rng = random.Random(number)
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        text = rng.choice(OPERATIONS)(text, rng)
    return text


def _line(text, rng, wanted="="):
    lines = text.splitlines(keepends=True)
    places = [n for n, line in enumerate(lines) if wanted in line] or [0]
    return lines or [""], rng.choice(places)


def drop_a_line(text, rng):
    lines, n = _line(text, rng, rng.choice(("=", "[", "")))
    del lines[n]
    return "".join(lines)


def repeat_a_line(text, rng):
    lines, n = _line(text, rng, rng.choice(("=", "[")))
    lines.insert(n, lines[n])
    return "".join(lines)


def swap_two_lines(text, rng):
    lines, n = _line(text, rng)
    m = rng.randrange(len(lines))
    lines[n], lines[m] = lines[m], lines[n]
    return "".join(lines)


def another_number(text, rng):
    found = list(re.finditer(r"(?<![\w.\"-])-?\d[\d_]*\.?\d*", text))
    if not found:
        return text
    match = rng.choice(found)
    scaled = f"{float(match[0].replace('_', '')) * rng.choice((-1, 1e-6, 0.5, 2, 10, 1e6, 1e30)):g}"
    return text[: match.start()] + rng.choice((*NUMBERS, scaled, scaled, scaled)) + text[match.end() :]


def another_value(text, rng):
    lines, n = _line(text, rng)
    key, _, _ = lines[n].partition("=")
    lines[n] = f"{key}= {rng.choice(VALUES)}\n"
    return "".join(lines)


def another_key(text, rng):
    lines, n = _line(text, rng)
    _, _, value = lines[n].partition("=")
    lines[n] = f"{rng.choice(KEYS)} ={value}"
    return "".join(lines)


def a_typo(text, rng):
    if not text:
        return text
    n = rng.randrange(len(text))
    return text[:n] + rng.choice(("", text[n] * 2, rng.choice(GARBAGE), chr(rng.randrange(33, 127)))) + text[n + 1 :]


def garbage(text, rng):
    n = rng.randrange(len(text) + 1)
    return text[:n] + rng.choice(GARBAGE) * rng.choice((1, 1, 3, 2000)) + text[n:]


def cut_off(text, rng):
    return text[: rng.randrange(len(text) + 1)]


def another_table(text, rng):
    found = list(re.finditer(r"^\[+([^\]\n]+)\]+", text, re.MULTILINE))
    if not found:
        return text
    match = rng.choice(found)
    name = rng.choice(
        (
            match[1] + "x",
            match[1].rpartition(".")[0] or "x",
            "ev",
            "about",
            "target",
            "a" * 3000,
            "x.y.z",
            rng.choice(found)[1],
        )
    )
    return text[: match.start()] + f"[{name}]" + text[match.end() :]


def windows_ends(text, rng):
    return text.replace("\n", rng.choice(("\r\n", "\r", "\n\n")))


OPERATIONS = (
    drop_a_line, repeat_a_line, swap_two_lines, another_number, another_number, another_number, another_number, another_value,
    another_key, a_typo, a_typo, garbage, cut_off, another_table, windows_ends,
)  # fmt: skip
