"""The files of the register: a list of their hashes, a chain of heads over the list, and how a freeze is published.

    hashes.txt   a line a file, in the order in which they came, in the form of sha256sum
    heads.txt    a line a freeze: how many lines the list had after it, and the hash of these
    .lock        held by whoever publishes

A freeze is written whole into a folder beside its place, which is renamed once it is done, and then moved there; the two lists last.
What was killed before the rename is swept away, what was killed after it is moved on, by whoever looks at the register next. A file
that is listed is never replaced. Whoever knows the last head knows whether anything was changed, removed, reordered or added since.
"""

from __future__ import annotations

import hashlib
import shutil
import stat
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from model.assumptions.snapshot import tracks
from model.errors import InputError, Problem
from model.files.atomic import FINISHED, UNFINISHED, held
from model.files.toml_reader import LARGEST_FILE, shown

FOLDER, HASHES, HEADS, LOCK = "register", "hashes.txt", "heads.txt", ".lock"
RESTORE = (
    "What is frozen stays. Restore it: git checkout register/; a correction is a new entry (model freeze --corrects)"
)
Head = tuple[int, str]  # lines, hash


def listed(folder: Path) -> list[str]:
    """Lines of the list, without line ends of either kind; nothing where there is none."""
    return _lines(folder / HASHES)


def head(lines: Sequence[str]) -> str:
    """The hash of so many lines."""
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def heads(folder: Path) -> list[Head]:
    """The head after each freeze; ValueError for lines that are none."""
    found = []
    for line in _lines(folder / HEADS):
        count, _, sha = line.partition("  ")
        found.append((int(count), sha))
    return found


def _lines(path: Path) -> list[str]:
    if not path.is_file():
        return []
    text = path.read_text(encoding="utf-8").replace("\r\n", "\n").removesuffix("\n")
    return text.split("\n") if text else []


def sha(path: Path) -> str:
    """The hash of a file's bytes; OSError for what is not a regular file, or larger than any of ours."""
    found = path.lstat()
    if not stat.S_ISREG(found.st_mode):
        raise OSError("it is not a regular file")
    if found.st_size > LARGEST_FILE:
        raise OSError(f"it is larger than {LARGEST_FILE // 1_000_000} MB")
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _same(path: Path, wanted: str) -> bool:
    """Whether a file has a hash, as it is or with the line ends that it was frozen with: a clone may have changed them."""
    return sha(path) == wanted or hashlib.sha256(path.read_bytes().replace(b"\r\n", b"\n")).hexdigest() == wanted


@contextmanager
def opened(folder: Path) -> Iterator[None]:
    """The register for one process alone, with what was broken off swept up or moved on; InputError where that cannot be."""
    folder.mkdir(exist_ok=True)
    with held(folder / LOCK):
        found = _healed(folder)
        if found:
            raise InputError(found)
        yield


def publish(folder: Path, stage: Path, new: Sequence[Path]) -> None:
    """Move a stage's files to their places, and list them; the register is held.

    new : the files in the order in which they are listed
    """
    before = listed(folder)
    lines = [*before, *(f"{sha(path)}  {path.relative_to(stage).as_posix()}" for path in new)]
    chain = [*heads(folder), (len(lines), head(lines))]
    (stage / HASHES).write_text("\n".join(lines) + "\n", encoding="utf-8")
    (stage / HEADS).write_text("".join(f"{count}  {sha}\n" for count, sha in chain), encoding="utf-8")
    done = stage.rename(stage.with_name(stage.name.replace(UNFINISHED, FINISHED, 1)))
    _move_on(folder, done)


def new_stage(folder: Path) -> Path:
    """A folder to write a freeze into; swept away by the next that looks, unless it is published."""
    return Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=folder))


def _healed(folder: Path) -> list[Problem]:
    """Sweep away what was not finished, move on what was; what is neither is a problem."""
    for stage in folder.glob(f"{UNFINISHED}*"):
        shutil.rmtree(stage, ignore_errors=True)
    found = []
    for stage in sorted(folder.glob(f"{FINISHED}*")):
        fault = _stage_fault(folder, stage)
        if fault:
            found.append(Problem(f"was not left by model freeze: {fault}", "Remove it", shown(stage)))
        else:
            _move_on(folder, stage)
    return found


def _stage_fault(folder: Path, stage: Path) -> str:
    """Why a stage is none that goes on where the register ends; nothing where it is one."""
    if stage.is_symlink() or not stage.is_dir():
        return "it is not a folder"
    now = listed(folder)
    try:
        lines, chain = listed(stage) or now, heads(stage) or heads(folder)
    except (OSError, ValueError) as error:
        return f"its lists cannot be read: {error}"
    if (
        lines[: len(now)] != now
        or chain[-1:] != [(len(lines), head(lines))]
        or chain[:-1] != heads(folder)[: len(chain) - 1]
    ):
        return "it does not go on where the register ends"
    for line in lines[len(now) :]:
        wanted, _, name = line.partition("  ")
        place, mine = folder / name, stage / name
        there = mine if mine.is_file() else place
        if ".." in Path(name).parts or not there.is_file() or sha(there) != wanted:
            return f"{name} is not what it lists"
    names = {line.partition("  ")[2] for line in lines[len(now) :]}
    extra = [p for p in _files(stage) if p.relative_to(stage).as_posix() not in {*names, HASHES, HEADS}]
    return f"{extra[0].name} is not listed" if extra else ""


def _move_on(folder: Path, stage: Path) -> None:
    """Move the files of a finished stage to their places, the lists last; it can be killed and called again anywhere."""
    already = {line.partition("  ")[2] for line in listed(folder)}
    last = [path for name in (HASHES, HEADS) if (path := stage / name).is_file()]
    for path in [*(p for p in _files(stage) if p not in last), *last]:
        name = path.relative_to(stage)
        place = folder / name
        if name.as_posix() in already:
            raise InputError(Problem("is frozen, and stays", RESTORE, shown(place)))
        if any(parent.is_symlink() for parent in place.parents if folder in parent.parents):
            raise InputError(Problem("is a link, and leads out of the register", RESTORE, shown(place.parent)))
        place.parent.mkdir(parents=True, exist_ok=True)
        path.replace(place)
    shutil.rmtree(stage, ignore_errors=True)


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def problems(root: Path) -> list[Problem]:
    """What is wrong with the files of the register: changed, gone, or added by hand, in the list or without."""
    folder = root / FOLDER
    if (folder.exists() and not folder.is_dir()) or (folder.is_symlink() and not folder.exists()):
        return [Problem("is not a folder", RESTORE, f"{FOLDER}/")]
    if not folder.exists() or not (folder / HASHES).is_file() or not (folder / HASHES).stat().st_size:
        gone = _gone(root)
        if gone or not folder.exists():
            return gone
    if any(folder.glob(f"{UNFINISHED}*")) or any(folder.glob(f"{FINISHED}*")):
        try:
            with opened(folder):
                pass
        except InputError as error:
            return list(error.problems)
        except OSError as error:
            return [Problem(f"a freeze that was broken off cannot be moved on: {error.strerror}", file=shown(folder))]
    try:
        lines, chain = listed(folder), heads(folder)
    except (OSError, UnicodeDecodeError, ValueError) as error:
        return [Problem(f"cannot be read: {error}", RESTORE, f"{FOLDER}/{HASHES}")]
    wanted: dict[str, str] = {}
    for number, line in enumerate(lines, start=1):
        digits, _, name = line.partition("  ")
        if name in wanted:
            return [Problem(f"{name} is listed twice", RESTORE, f"{FOLDER}/{HASHES}", number)]
        wanted[name] = digits
    return [*_file_faults(folder, wanted), *_chain_faults(lines, chain)]


def _file_faults(folder: Path, wanted: dict[str, str]) -> Iterator[Problem]:
    there = {
        name: path
        for path in sorted(folder.rglob("*"))
        if (path.is_symlink() or not path.is_dir())
        and (name := path.relative_to(folder).as_posix()) not in (HASHES, HEADS, LOCK)
    }
    for name in wanted.keys() - there.keys():
        yield Problem("is not there any more", RESTORE, f"{FOLDER}/{name}")
    for name, path in there.items():
        if path.is_symlink():
            yield Problem("is a link", RESTORE, f"{FOLDER}/{name}")
        elif name not in wanted:
            yield Problem("was not written by model freeze", RESTORE, f"{FOLDER}/{name}")
        else:
            try:
                if not _same(path, wanted[name]):
                    yield Problem("was changed after it was frozen", RESTORE, f"{FOLDER}/{name}")
            except OSError as error:
                yield Problem(f"cannot be read: {error.strerror or error}", RESTORE, f"{FOLDER}/{name}")


def _chain_faults(lines: Sequence[str], chain: Sequence[Head]) -> Iterator[Problem]:
    """The list against the head after each freeze."""
    if not lines and not chain:
        return
    if not chain:
        yield Problem("is not there any more", RESTORE, f"{FOLDER}/{HEADS}")
        return
    if [count for count, _ in chain] != sorted({count for count, _ in chain}):
        yield Problem("does not rise from freeze to freeze", RESTORE, f"{FOLDER}/{HEADS}")
    for number, (count, said) in enumerate(chain, start=1):
        if count > len(lines) or head(lines[:count]) != said:
            what = f"is not what it was after freeze {number}: lines were changed, removed or put in another order"
            yield Problem(what, RESTORE, f"{FOLDER}/{HASHES}")
            return
    if chain[-1][0] < len(lines):
        what = "has lines that no freeze wrote"
        yield Problem(what, RESTORE, f"{FOLDER}/{HASHES}", chain[-1][0] + 1)


def _gone(root: Path) -> list[Problem]:
    """A register that git knows and that is not there; nothing where there never was one."""
    known = tracks(root, f"{FOLDER}/{HASHES}")
    return [Problem("is not there any more", RESTORE, f"{FOLDER}/")] if known else []
