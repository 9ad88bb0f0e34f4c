"""Figures of the record, each a module with one verb, `draw(record, size) -> Picture`."""
