"""The business: drivers, order book, segments, the names and units of its numbers, and what Xiaomi has reported.

May import `simulation` and what stands before it. Nothing but `reporting.xiaomi`, the public interface and the command line imports it.
"""
