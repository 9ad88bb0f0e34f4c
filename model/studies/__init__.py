"""Studies, one question a module, and the draws and cache that they share. The business is an argument.

May import `inference`, `simulation` and what is below them.
"""
