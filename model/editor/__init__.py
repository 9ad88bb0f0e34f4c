"""The editor: one server on this machine, which calls the public interface and holds no arithmetic.

May import every room but `cli`.
"""
