"""Key rotation while others write and read: killed again and again, every value stays readable; an old copy does not.

`make test` takes 1,500 rows and 2 kills; `make prove` 1,000,000 and 20.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import settings

from liangzheng.server.postgres import EmbeddedPostgres
from tests.conftest import own_folder

IS_PROOF = settings().max_examples >= 2000  # the profile of `make prove`
ROWS, KILLS, BATCH = (1_000_000, 20, 500) if IS_PROOF else (1_500, 2, 50)
CLI = [sys.executable, "-m", "liangzheng.server.cli"]


class Machine:
    """A data folder with programs that run on it."""

    def __init__(self, folder: Path) -> None:
        """Make the tables."""
        self.folder = folder
        self.environment = os.environ | {"LIANGZHENG_DATA": str(folder), "LIANGZHENG_DEMO": "1"}
        self.environment |= {"DJANGO_SETTINGS_MODULE": "liangzheng.server.settings"}
        self.cli("manage", "migrate", "--verbosity", "0")

    def cli(self, *words: str, **more: str) -> str:
        """Run a command of the product; give what it prints, also when it refuses."""
        done = subprocess.run([*CLI, *words], env=self.environment | more, check=False, capture_output=True, text=True)
        return f"{done.stdout}{done.stderr}".strip()

    def start(self, *words: str, owner: bool = False) -> subprocess.Popen[str]:
        """Start a program of the tests."""
        role = {"LIANGZHENG_DATABASE_ROLE": "owner"} if owner else {}
        command = [sys.executable, "-m", "tests.storage.rotating", *words]
        return subprocess.Popen(command, env=self.environment | role, stdout=subprocess.PIPE, text=True)

    def run(self, *words: str, owner: bool = False) -> str:
        """Run one to its end."""
        process = self.start(*words, owner=owner)
        said = process.communicate()[0]
        assert process.returncode == 0
        return said.strip()


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    """One with rows."""
    with own_folder() as folder, EmbeddedPostgres(folder):
        made = Machine(folder)
        made.run("fill", str(ROWS))
        yield made


def kill_while_rotating(machine: Machine, draw: random.Random) -> None:
    """Kill a rotation (SIGKILL) after some of its batches."""
    batches = draw.randrange(2, max(3, ROWS // BATCH // (KILLS + 1)))
    process = machine.start("rotate", str(BATCH), "0.01", owner=True)
    assert process.stdout is not None
    for line in process.stdout:
        batches -= line == "batch\n"
        if batches <= 0:
            break
    process.kill()
    process.communicate()
    assert process.returncode == -9, "it was under way"


def test_killed_rotations_leave_every_value_readable_and_the_old_copy_dies_with_its_key(machine: Machine) -> None:
    draw = random.Random(3)  # noqa: S311 - an order that can be repeated
    old = machine.folder / "dump.json"
    old.write_text(machine.run("dump"), encoding="utf-8")
    stop = machine.folder / "stop"
    worker = machine.start("work", str(stop))
    for _ in range(KILLS):
        kill_while_rotating(machine, draw)
    done = machine.cli("keys", "rotate")
    stop.touch()
    told = json.loads(worker.communicate()[0])
    print(f"{ROWS} rows, {KILLS} kills, meanwhile {told}; then: {done}")  # noqa: T201 - figures to report
    assert told["written"] > 10
    assert (told["unreadable"], told["lost"]) == (0, 0)
    assert "current key 2" in done, "a killed rotation goes on, no third key is made"
    assert json.loads(machine.run("check")) == {"readable": ROWS, "objects": 20}
    assert "under them 0 cells" in machine.cli("keys", "show")
    assert machine.run("recover", str(old)) == str(ROWS), "control: the old key is still there and opens the old copy"
    assert machine.run("retire", "0", owner=True) == "keys_in_use", "somebody may still be writing with the old key"
    assert machine.run("retire", "3600", owner=True) == "1"
    assert machine.run("recover", str(old)) == "0", "crypto-erasure: dumps, WAL and replicas from before are unreadable"
    assert json.loads(machine.run("check"))["readable"] == ROWS


def test_what_is_written_while_a_batch_is_under_way_stays(machine: Machine) -> None:
    assert machine.run("slip", owner=True) == "新名"
    assert machine.run("slip", "blind", owner=True) != "新名", "control: without comparing, the writer's value is lost"


def test_erasing_a_person_empties_the_rows_and_a_hold_stops_it(machine: Machine) -> None:
    holder = json.loads(machine.run("dump"))[0][0]
    erase = ("retention", "erase", "--holder", holder, "--reason", "本人要求")
    hold = machine.cli("retention", "hold", "--holder", holder, "--reason", "复议")
    assert "依法留存" in machine.cli(*erase)
    assert json.loads(machine.run("dump"))[0][1], "control: held, the name is still there"
    machine.cli("retention", "lift", hold)
    assert machine.cli(*erase) == "erased: 1 holder, 0 licences, 0 log entries"
    assert next(cell for key, cell in json.loads(machine.run("dump")) if key == holder) == ""
    assert "没有这个持证主体" in machine.cli("retention", "erase", "--holder", str(uuid4()), "--reason", "x")
    assert "unlinked_scan" in machine.cli("retention", "report")


def test_another_master_key_wraps_the_keys_anew_and_touches_no_data(machine: Machine) -> None:
    before, new = machine.run("dump"), "0123456789abcdef" * 2
    assert "not set" in machine.cli("keys", "rewrap")
    assert machine.cli("keys", "rewrap", LIANGZHENG_NEW_MASTER_KEY=new).startswith("wrapped")
    assert "SealBroken" in machine.cli("keys", "show"), "the old master key opens nothing"
    machine.environment["LIANGZHENG_MASTER_KEY"] = new
    assert machine.run("dump") == before
    assert "under them" in machine.cli("keys", "show")
