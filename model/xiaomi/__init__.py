"""The one home of the business: `drivers/`, `data/` (what Xiaomi reported), `report/` (what reporting says of it), the wiring.

May import `reporting` and what is below it.
"""
