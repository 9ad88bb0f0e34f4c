"""What is measured, and what was asked for; `copied` makes the place to measure in."""

import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def copied(place: Path, *folders: str) -> Path:
    """The base file and some folders of the project, in another place."""
    shutil.copy(ROOT / "assumptions.toml", place)
    for name in folders:
        shutil.copytree(ROOT / name, place / name)
    return place
