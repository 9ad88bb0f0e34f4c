"""docs/mutants.md from the last `mutmut run`: the score of each module, and every mutant that survived with a reason.

python -m tests.project.survivors mutants docs/mutants.md
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

SURVIVED, KILLED = 0, (1, 3)  # exit codes of pytest
REASONS = (
    (r"strict=|zip\(.*, \)", "the lengths are equal by construction; `strict` is a guard"),
    (r"cache=None|progress=None|cache=kept\)|progress=tell\)|crew|kept, None|None, tell|cache=kept, \)|start=2|start=\)|_prepared|prepare\(None|\) or True else values", "speed or progress alone, the numbers are the same"),
    (r"super\(\).__init__\(", "seed, first draw or name of draws that take all their numbers from others"),
    (r"kind=None|kind=\"|argsort\([a-z_]+, \)|astype\(None\)|, None\), np|asarray\([a-z_.]+, (None)?\)|sort\(.*, \)|axis=\+1|axis=None|take_along_axis\(x, order, \)|, \)$", "numpy's default does the same to these arrays"),
    (r"reshape\(.*-2|clip\(.*None|(max|min)\([^)]*(None|-2\.0|2\.0\))|\bnp\.full\((2|\(2),|np\.full\(1, (None|1\.5)|mode=None|out=None|exp\(exponent, \)|BITS - 16\), out=out, \)", "the same result: a bound that is not reached, a number that is not looked at, a size that numpy infers"),
    (r">=|<=| < | > |ptp\(values\) == 1", "differs only where two numbers are equal, which has no probability, or where both branches agree"),
    (r"1e-\d+|2\*\*|36\.0|37\.0|000000001|LARGEST|\b9\.0|FLATTEST|CLOSE|1000001|tolerances", "a constant of numerics: a little more or less of it changes no digit that is shown"),
    (r"XX|\"[^\"]*\"|'[^']*'", "wording, or a name that nothing depends on"),
)  # fmt: skip
OTHER = "not told apart by the tests"
LOOKED_AT = {  # one by one: what the change does, by a part of its text that no other has
    "(name in tied) and False": "the score by way of the percentile, the same to rounding",
    "(-slope - sign * np.sqrt(inside))": "the same two ends the other way round, sorted",
    "self.value - np.zeros": "nothing is subtracted in place of nothing added",
    "(values + values.mean()) / values.std()": "a difference of means does not see what is added to both sides",
    "(last + 1).bit_length()": "more chunks are made than are used",
    "REPLICATES << max(1,": "fewer than a chunk are never made",
    "_known.popitem(last=None)": "None is as false as False",
    "1.0 if a.needed is None": "all that this number is compared with have it too",
    "moves.at(a.distribution, None": "moving P50 is what is done where no other key is named",
    "(other + other.mean()) * (swapped - own)": "another unbiased estimate of the same index, with more noise",
    "(other - other.mean()) * (swapped + own)": "another unbiased estimate of the same index, with more noise",
    "s.first is None and s.total is None": "both are None together",
    "(*self._own, True)[n]": "the last place stands for no player, and every member of a group has one",
    "self._one.shock(path, None)": "kept shocks are known by name",
}


def main(folder: Path, out: Path) -> None:
    """Write the table and the list."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    left: list[tuple[str, str]] = []
    for meta in sorted(folder.rglob("*.meta")):
        module = str(meta.relative_to(folder)).removesuffix(".meta")
        for name, code in json.loads(meta.read_text())["exit_code_by_key"].items():
            state = (
                "survived"
                if code == SURVIVED
                else "killed"
                if code in KILLED
                else "timed out"
                if code is not None
                else "not run"
            )
            counts[module][state] += 1
            if state == "survived":
                left.append((module, name))
    with ThreadPoolExecutor(2) as threads:
        shown = list(threads.map(lambda item: _change(folder, item[1]), left))
    total = sum(counts.values(), Counter[str]())
    lines = [
        "# Mutants", "",
        "Each mutant is the code with one thing changed: a sign, a bound, a constant, an argument left out. The tests should fail. The list is as",
        "`mutmut run` left it (settings in pyproject.toml) and `python -m tests.project.survivors mutants docs/mutants.md` wrote it.", "",
        f"**{_score(total)}** of {total['killed'] + total['survived'] + total['timed out']:,} mutants were killed or ran into the time limit.",
        "The reasons below go by the pattern of the change; what no pattern covers was looked at one by one.", "",
        "| module | killed | timed out | survived | score |", "| --- | ---: | ---: | ---: | ---: |",
    ]  # fmt: skip
    for module, c in sorted(counts.items()):
        lines.append(f"| {module} | {c['killed']} | {c['timed out']} | {c['survived']} | {_score(c)} |")
    if total["not run"]:
        lines += ["", f"{total['not run']} mutants were not run."]
    groups: dict[str, list[str]] = defaultdict(list)
    for (module, name), change in zip(left, shown, strict=True):
        groups[_reason(change)].append(f"- {module}, {_function(name)}: `{change}`")
    lines += ["", "## Survivors", ""]
    for reason, found in sorted(groups.items(), key=lambda item: -len(item[1])):
        lines += [f"### {reason[0].upper()}{reason[1:]} ({len(found)})", "", *found, ""]
    out.write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")


def _score(c: Counter[str]) -> str:
    caught = c["killed"] + c["timed out"]
    if not caught + c["survived"]:
        return "not run"
    return f"{100 * caught / (caught + c['survived']):.1f}%"


def _function(name: str) -> str:
    return re.sub(r"__mutmut_\d+$", "", name.rpartition(".")[2]).replace("xǁ", "").replace("ǁ", ".").removeprefix("x_")


def _change(folder: Path, name: str) -> str:
    done = subprocess.run(
        ["mutmut", "show", name], cwd=folder.resolve().parent, capture_output=True, text=True, check=False
    )
    added = [
        line[1:].strip() for line in done.stdout.splitlines() if line.startswith("+") and not line.startswith("+++")
    ]
    return " ".join(added).replace("`", "'")[:220] or "(a line left out)"


def _reason(change: str) -> str:
    seen = next((reason for part, reason in LOOKED_AT.items() if part in change), None)
    return seen or next((reason for pattern, reason in REASONS if re.search(pattern, change)), OTHER)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
