"""Measure `liangzheng verify` over ten thousand files: cores used, files a second beside one process, memory on the way.

`python -m dev.bench.verify_many [files]` copies the demo city's licences into a folder until there are so many, runs the command
once, and prints: processor time of the command and its readers per second of wall time, beside that of processes that do nothing
but count, one a core, before and after (the control: what others leave of this machine); files a second, and the same of one
process over a part of them; resident memory of the command and of its readers together, when 10 %, 50 % and 100 % of the files
were told.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from dev.city.build import build_city
from liangzheng.server.verify_many import judge_file, read_trust

_PAGE = os.sysconf("SC_PAGE_SIZE") / 2**20
_ALONE = 10  # the part of the files that one process judges: one in so many
SHARE, GROWTH = 0.8, 1.2  # wanted: at least, of what counting processes get; at most
_COUNTING = "import time; end = time.monotonic() + 4\nwhile time.monotonic() < end: pass"


@dataclass(slots=True)
class Found:
    """Seconds, and megabytes (command, readers) by percent of the files told."""

    wall: float
    processor: float
    megabytes: dict[int, tuple[float, float]]


def filled(folder: Path, count: int) -> list[Path]:
    """Fill a folder with copies of the demo licences, which differ in their names alone."""
    originals = [path.read_bytes() for path in sorted((folder / "licences").glob("*.ofd"))]
    many = folder / "many"
    many.mkdir()
    paths = [many / f"{number:05}.ofd" for number in range(count)]
    for number, path in enumerate(paths):
        path.write_bytes(originals[number % len(originals)])
    return paths


def run(folder: Path, count: int) -> Found:
    """Run the command and look at it on its way."""
    words = [
        sys.executable,
        "-m",
        "liangzheng.server.cli",
        "verify",
        str(folder / "many"),
        "--trust",
        str(folder / "trust"),
        "--json",
    ]
    marks = {max(1, count * percent // 100): percent for percent in (10, 50, 100)}
    found: dict[int, tuple[float, float]] = {}
    before = os.times()
    began = time.monotonic()
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:
        if child.stdout is None:
            raise RuntimeError("no output")
        for number, _ in enumerate(child.stdout, 1):
            if number in marks:
                found[marks[number]] = _resident(child.pid), sum(map(_resident, _children(child.pid)))
    wall, after = time.monotonic() - began, os.times()
    if len(found) != len(marks):
        raise RuntimeError("not every file was told")
    processor = after.children_user + after.children_system - before.children_user - before.children_system
    return Found(wall, processor, found)


def counting() -> float:
    """Give the processor time that processes which only count get in a second of wall time, one a core."""
    before, began = os.times(), time.monotonic()
    children = [subprocess.Popen([sys.executable, "-c", _COUNTING]) for _ in range(os.cpu_count() or 1)]
    for child in children:
        child.wait()
    wall, after = time.monotonic() - began, os.times()
    return (after.children_user + after.children_system - before.children_user - before.children_system) / wall


def _children(parent: int) -> Iterator[int]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:  # it ended
                continue
            if int(fields[1]) == parent:
                yield int(entry.name)


def _resident(process: int) -> float:
    try:
        return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * _PAGE
    except OSError:
        return 0.0


def alone(paths: list[Path], folder: Path, at: datetime) -> float:
    """Judge a part of the files in this process; files a second of processor time."""
    trust, began = read_trust([folder / "trust"]), time.process_time()
    for path in paths:
        judge_file(path, None, trust, at)
    return len(paths) / (time.process_time() - began)


def main() -> int:
    """Print the figures; 1 when they are not as wanted."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    at = datetime.now(tz=UTC)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        build_city(folder, at)
        paths = filled(folder, count)
        one = alone(paths[::_ALONE], folder, at)
        controls = [counting()]
        found = run(folder, count)
        controls.append(counting())
    control = sum(controls) / len(controls)
    cores, rate = found.processor / found.wall, count / found.wall
    print(f"{count:,} files in {found.wall:.1f} s: {rate:,.0f}/s, one process {one:,.0f}/s · ratio {rate / one:.2f}")
    print(f"processor time / wall time {cores:.2f} on {os.cpu_count()} cores, counting processes {control:.2f} · "
          f"ratio {cores / control:.2f} (at least {SHARE} wanted)")  # fmt: skip
    for percent, (command, readers) in sorted(found.megabytes.items()):
        print(f"at {percent:3} %: command {command:.0f} MB, readers together {readers:.0f} MB")
    sums = {percent: sum(pair) for percent, pair in found.megabytes.items()}
    growth = sums[50] / sums[10]
    print(f"memory at 50 % / at 10 %: {growth:.2f} (at most {GROWTH} wanted)")
    return cores / control < SHARE or growth > GROWTH


if __name__ == "__main__":
    sys.exit(main())
