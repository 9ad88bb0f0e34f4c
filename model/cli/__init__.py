"""The command line: one thin command over each function of the public interface.

May import every room but `editor`.
"""
