"""Figures of what studies found: a module each, with one verb, `draw(result, found, size)`."""
