"""The name and version of the package."""

__version__ = "0.5.0"
NAME = "xiaomi-scenario-model"
TODAY = "XIAOMI_MODEL_TODAY"  # in the environment: a day to take for today's, for tests and rehearsals
FROM_NOTHING = "XIAOMI_MODEL_FROM_NOTHING"  # in the environment: no posterior begins at one of other inputs
