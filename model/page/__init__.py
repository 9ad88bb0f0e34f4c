"""The page to edit on: one server on this machine, which calls the public interface and holds no arithmetic.

May import everything but the command line.
"""
