"""A memo from one run: the same content as Markdown, Word, a page for the browser, and a workbook.

`content.memo` says what stands in it, block by block; a module for each format says how it looks there. Numbers stand in
words only through `model.simulation.formatting`, so that no sentence can contradict its number.
"""
