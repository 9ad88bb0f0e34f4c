"""Sources below Xiaomi's figures, and the colours of its segments."""

from model.reporting.figures.style import GREY, LILAC, NAVY, ORANGE, TEAL, WINE

HISTORY = "Source: Xiaomi filings and registrations as listed with their pages in data/; forecast: assumptions.toml with the source of each number."
LATER_HISTORY = "Source: Xiaomi filings and registrations as listed in data/; forecast: assumptions.toml, later years beyond.toml, with the source of each number."
LATER = "Source: forecast from assumptions.toml, later years from beyond.toml, where each number has its source."
SEGMENT_COLOURS = {"smartphones": NAVY, "iot": TEAL, "internet": WINE, "ev": ORANGE, "other": LILAC, "group": GREY}
