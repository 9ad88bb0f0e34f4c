"""The same numbers to the last bit, however they are computed: workers, blocks, order of keys, figures, Python versions."""

import hashlib
import os
import random
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from model import load, simulate
from model.reporting.manifest import write_results
from tests.conftest import ROOT
from tests.expected import CHECKSUM, checksum

MODEL = [sys.executable, "-m", "model"]


def fingerprint(result):
    digest = hashlib.sha256()
    for name in sorted(result.outcomes):
        digest.update(name.encode() + result.outcomes[name].tobytes())
    return digest.hexdigest()


@pytest.mark.slow
def test_the_long_table_of_the_base_case_has_its_stored_checksum(base):
    assert checksum(simulate(base)) == CHECKSUM.read_text().strip(), (
        "numbers moved: `make expected`, and say why in CHANGELOG"
    )


def test_the_checksum_is_that_of_the_table_a_run_writes(base, tmp_path):
    result = simulate(base, draws=2048)
    write_results(result.rows(), tmp_path)
    assert checksum(result) == hashlib.sha256((tmp_path / "results.csv").read_bytes()).hexdigest()
    assert checksum(simulate(base, draws=2048, seed=1)) != checksum(result)


@pytest.mark.parametrize("block", [2048, 6144, 32_768, 65_536])
def test_any_block_size_gives_the_same_bits(base, block):
    assert fingerprint(simulate(base, draws=16_384, block=block)) == fingerprint(simulate(base, draws=16_384))


@pytest.mark.parametrize("seed", range(3))
def test_any_order_of_tables_and_keys_gives_the_same_bits(project, base, seed):
    file, rng = project / "assumptions.toml", random.Random(seed)
    head, *tables = re.split(r"(?m)^(?=\[)", file.read_text())
    assert len(tables) > 100
    shuffled = []
    for table in tables:
        name, *lines = table.splitlines()
        entries = re.split(r"\n(?=[a-z0-9_\".]+\s*=)", "\n".join(lines).strip("\n"))
        rng.shuffle(entries)
        shuffled.append("\n".join([name, *entries, ""]))
    rng.shuffle(shuffled)
    file.write_text(head + "\n".join(shuffled))
    other = load(file, as_of="base")
    assert list(other.entries) != list(base.entries)
    assert other.hash == base.hash
    assert fingerprint(simulate(other, draws=2048)) == fingerprint(simulate(base, draws=2048))


def test_one_two_and_seven_workers_write_the_same_table(project):
    found = set()
    for workers in (1, 2, 7):
        command = [
            "sweep",
            "ev.lines.yu7.orders.p50=12_000:22_000:41",
            "--measure",
            "chance",
            "--measure",
            "ev.gross_margin",
        ]
        out = project / str(workers)
        more = ["--draws", "2048", "--no-figures", "--fresh", "--workers", str(workers), "--out", str(out)]
        subprocess.run([*MODEL, *command, *more], check=True, capture_output=True)
        found.add((out / "sweep_ev.lines.yu7.orders.p50.csv").read_bytes())
    assert len(found) == 1


def test_a_run_with_figures_and_one_without_write_the_same_table(project):
    for out, more in (("with", ()), ("without", ("--no-figures",))):
        subprocess.run([*MODEL, "run", "--draws", "2048", "--out", out, *more], check=True, capture_output=True)
    assert (project / "with" / "results.csv").read_bytes() == (project / "without" / "results.csv").read_bytes()


def test_two_runs_write_the_same_bytes_but_for_the_clock(project):
    for out in ("one", "two"):
        subprocess.run([*MODEL, "run", "--draws", "2048", "--out", out], check=True, capture_output=True)
    names = sorted(p.name for p in (project / "one").iterdir())
    assert [n for n in names if (project / "one" / n).read_bytes() != (project / "two" / n).read_bytes()] == [
        "manifest.json"
    ]


SCRIPT = """
import hashlib, sys
from pathlib import Path
from model import load, simulate
result = simulate(load(Path(sys.argv[1]), as_of="base"))
digest = hashlib.sha256()
for name in sorted(result.outcomes):
    digest.update(name.encode() + result.outcomes[name].tobytes())
print(digest.hexdigest())
"""


def pythons():
    """Other Pythons that the project supports, on this machine."""
    known = {}
    places = [Path(p) for p in os.environ.get("PATH", "").split(os.pathsep)] + sorted(
        Path.home().glob(".pyenv/versions/*/bin")
    )
    for minor in range(11, 20):
        found = next(
            (p / f"python3.{minor}" for p in places if (p / f"python3.{minor}").is_file() and "shims" not in p.parts),
            None,
        )
        if found and minor != sys.version_info.minor:
            known[f"3.{minor}"] = found
    return known


@pytest.mark.parametrize("version", [f"3.{minor}" for minor in range(11, 15)])
def test_another_python_gives_the_same_bits(version, base, tmp_path, pytestconfig):
    if not pytestconfig.getoption("pythons"):
        pytest.skip("make prove installs the project under every other Python of this machine")
    python = pythons().get(version)
    if python is None:
        pytest.skip(f"no other Python {version} on this machine")
    subprocess.run([str(python), "-m", "venv", str(tmp_path / "env")], check=True)
    own = tmp_path / "env" / "bin" / "python"
    locked = [
        line
        for line in (ROOT / "requirements.lock").read_text().splitlines()
        if re.match(r"(numpy|scipy|pydantic|pandas)==", line)
    ]
    wanted = [line.split()[0].rstrip("\\") for line in locked]
    subprocess.run([str(own), "-m", "pip", "install", "-q", *wanted], check=True)
    shutil.copytree(ROOT / "model", tmp_path / "model")
    done = subprocess.run(
        [str(own), "-c", SCRIPT, str(ROOT / "assumptions.toml")],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == fingerprint(simulate(base))
