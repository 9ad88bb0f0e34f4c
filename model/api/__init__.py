"""The public interface: `forecast`, `ask` it, `publish` what it says, keep `track` of it; reached through `model` itself.

Where no business is given it is Xiaomi. May import every room but `cli` and `editor`.
"""
