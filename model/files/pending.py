"""A change of one file that is shown before it is made, and made whole or not at all."""

from __future__ import annotations

import difflib
import os
import stat
import tempfile
from pathlib import Path

from model.errors import InputError, Problem
from model.files.atomic import alone
from model.files.toml_reader import shown


def difference(old: str, new: str, name: str) -> str:
    """Return the change as a unified diff."""
    lines = difflib.unified_diff(old.splitlines(keepends=True), new.splitlines(keepends=True), name, name, n=2)
    return "".join(lines)


def text_of(path: Path) -> str:
    """Return the text of a file to the last byte; InputError where it is not UTF-8."""
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        raise InputError(Problem("is not UTF-8", "Save it as UTF-8", file=shown(path))) from None


class PendingSave:
    """A change of one file: what it says now (None of a new one), what it would say."""

    def __init__(self, path: Path, old: str | None, new: str) -> None:
        self.path, self.old, self.new = (
            path if old is None else Path(os.path.realpath(path)),
            old,
            new,
        )  # of a link, what it leads to

    @property
    def shown(self) -> dict[str, str]:
        """For the page: the file and the difference."""
        return {"file": shown(self.path), "diff": difference(self.old or "", self.new, shown(self.path))}

    def write(self) -> None:
        """Whole or not at all; InputError where the file has changed since, or cannot be written."""
        folder, name = self.path.parent, self.path.name
        try:
            with alone(folder) as locked:
                for left in folder.glob(f".{name}.*.new") if locked else ():  # by a save that was killed
                    left.unlink()
                with tempfile.NamedTemporaryFile(dir=folder, prefix=f".{name}.", suffix=".new", delete=False) as file:
                    half = Path(file.name)
                    try:
                        file.write(self.new.encode("utf-8"))
                        file.flush()
                        os.fsync(file.fileno())
                        half.chmod(self._mode())
                        half.replace(self.path)
                    finally:
                        half.unlink(missing_ok=True)
        except OSError as error:
            raise InputError(Problem(f"cannot be written: {error.strerror}", file=shown(self.path))) from None

    def back(self) -> None:
        """Undo what was written, where it is still as it was written."""
        if self.old is None:
            if text_of(self.path) == self.new:
                self.path.unlink()
        else:
            PendingSave(self.path, self.new, self.old).write()

    def _mode(self) -> int:
        """The rights that the file has, or that a new one gets; InputError where it is not as it was shown, or protected."""
        now = text_of(self.path) if os.path.lexists(self.path) else None
        if now != self.old:
            raise InputError(Problem("was changed while it was being saved", "Save again", file=shown(self.path)))
        if now is None:
            mask = os.umask(0)
            os.umask(mask)
            return 0o666 & ~mask
        mode = stat.S_IMODE(self.path.stat().st_mode)
        if not mode & 0o222 or not os.access(self.path, os.W_OK):
            raise InputError(
                Problem("is protected against writing", "Allow it, or leave it as it is", file=shown(self.path))
            )
        return mode
