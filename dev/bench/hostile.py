"""Measure what hostile files cost: each is given to a fresh `liangzheng verify`, `render`, `trust check` or `status check`.

`python -m dev.bench.hostile [part of a name]…` prints for every file the wall time and the processor time beyond the start-up
of the same command (measured on a file that is refused at once, in the same run), the whole wall time, the peak memory, the exit
code and the reason. It ends with 1 when a file took more than SECONDS beyond the start-up or more than MEGABYTES, was called
valid, or ended in a traceback. Wall time counts divided by what the start-up's wall time is beside its processor time: on an idle
machine that is 1, on a busy one others would be counted in. What is too slow gets two more runs, each beside a start-up of its
own.

The child has RLIMIT_AS and a limit of processor time far above both, so that a missing limit is measured and does not fell the
machine, and may not use sockets.
"""

from __future__ import annotations

import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.hostile.drawings import DRAWINGS
from tests.hostile.encodings import ENCODINGS
from tests.hostile.packages import PACKAGES
from tests.hostile.signatures import SIGNATURES
from tests.verification.hostile_pdf import HOSTILE

SECONDS, MEGABYTES = 1.0, 512
START_UPS = 5
_ADDRESS_SPACE = 4 * 2**30
_PROCESSOR_SECONDS = 60
_JUDGED = {1, 2, 3}
_REFUSED = {"verify": _JUDGED, "trust check": _JUDGED, "status check": _JUDGED, "render": {0, 1, 3}}  # drawing judges nothing
_NO_SOCKETS = """
import sys
def refuse(event, _arguments):
    if event.startswith("socket.") and event != "socket.gethostname":
        print("Traceback: the network was used", file=sys.stderr); __import__("os")._exit(99)
sys.addaudithook(refuse)
from liangzheng.server.cli import main
sys.exit(main(sys.argv[1:]))
"""


@dataclass(frozen=True, slots=True)
class Run:
    """One child: wall and processor seconds, megabytes at the peak, exit code, and what it printed."""

    seconds: float
    processor: float
    megabytes: float
    code: int
    output: str

    @property
    def reason(self) -> str:
        """The first reason or detail code that was told."""
        for line in self.output.splitlines():
            if line.startswith("{"):
                report = json.loads(line)
                details = [check["detail"] for check in report["checks"] if report["standing"] == "unreadable"]
                return ", ".join([*report["reasons"][:2], *details])
        found = re.findall(r"无法绘制：(\w+)|未绘制：(.+)", self.output)
        return ", ".join(sorted({"".join(groups) for groups in found})[:3])


def run(command: str, path: Path, folder: Path) -> Run:
    """Run the command on one file."""
    more = ["-o", str(folder / "page.png")] if command == "render" else ["--json", "--at", "2026-03-10T12:00:00"]
    words = [sys.executable, "-c", _NO_SOCKETS, *command.split(), str(path), *more]
    with (folder / "output").open("w+b") as output:
        began = time.monotonic()
        child = subprocess.Popen(words, stdout=output, stderr=output, preexec_fn=_limit)  # noqa: PLW1509 - no threads here
        _, status, used = os.wait4(child.pid, 0)
        seconds = time.monotonic() - began
        child.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        processor = used.ru_utime + used.ru_stime
        return Run(seconds, processor, used.ru_maxrss / 1024, child.returncode, output.read().decode("utf-8", "replace"))


def cost(found: Run, control: Run) -> float:
    """Give the seconds beyond the start-up, freed of what others do on this machine."""
    busy = max(1.0, control.seconds / control.processor)
    return max(found.processor - control.processor, (found.seconds - control.seconds) / busy)


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_ADDRESS_SPACE, _ADDRESS_SPACE))
    resource.setrlimit(resource.RLIMIT_CPU, (_PROCESSOR_SECONDS, _PROCESSOR_SECONDS))


def start_up(command: str, folder: Path) -> Run:
    """Measure the control: a file that is refused at once."""
    path = folder / "nothing"
    path.write_bytes(b"nothing")
    runs = [run(command, path, folder) for _ in range(START_UPS)]
    return sorted(runs, key=lambda one: one.seconds)[START_UPS // 2]


def again(command: str, path: Path, folder: Path) -> tuple[Run, Run]:
    """Run it twice more, each time right after a start-up, its control; give the better pair."""
    pairs = []
    for _ in range(2):
        control = start_up(command, folder)
        pairs.append((run(command, path, folder), control))
    return min(pairs, key=lambda pair: cost(*pair))


def cases(parts: list[str]) -> Iterator[tuple[str, str, Callable[[], bytes]]]:
    """Give command, name and maker of every file asked for; what is made to be verified is also given to be drawn, if an OFD."""
    pdf = {f"pdf: {name}": made for name, made in HOSTILE.items()}
    lists = {name: made for name, made in ENCODINGS.items() if name.startswith(("text", "jwt", "cbor"))}
    groups: list[tuple[str, Mapping[str, Callable[[], bytes]]]] = [
        *(("verify", group) for group in (PACKAGES, SIGNATURES, ENCODINGS, pdf)),
        *(("render", group) for group in (PACKAGES, DRAWINGS)),
        *((command, lists) for command in ("trust check", "status check")),
    ]
    for command, group in groups:
        for name, made in group.items():
            if not parts or any(part in f"{command} {name}" for part in parts):
                yield command, name, made


def _write(path: Path, made: Callable[[], bytes]) -> None:
    """Make the file in a process of its own: what this one has used would be counted as the children's peak."""
    maker = os.fork()
    if not maker:
        try:
            path.write_bytes(made())
            os._exit(0)
        except BaseException:  # noqa: BLE001 - nothing of this process may go on
            traceback.print_exc()
            os._exit(1)
    if os.waitpid(maker, 0)[1]:
        raise RuntimeError("a file could not be made")


def faults(found: Run, net: float, command: str) -> list[str]:
    """Say what is wrong with a run."""
    wrong = {
        "slow": net > SECONDS,
        "large": found.megabytes > MEGABYTES,
        "traceback": "Traceback" in found.output,
        f"exit {found.code}": found.code not in _REFUSED[command],
    }
    return [name for name, is_so in wrong.items() if is_so]


def main() -> int:
    """Print the figures; 1 when one of them is too large."""
    failed: list[str] = []
    worst: list[tuple[float, float, str]] = []
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        controls = {command: start_up(command, folder) for command in _REFUSED}
        for command, control in controls.items():
            print(
                f"start-up of {command}: {control.seconds:.2f} s, processor {control.processor:.2f} s, {control.megabytes:.0f} MB"
            )
        for command, name, made in cases(sys.argv[1:]):
            path, control = folder / "file", controls[command]
            _write(path, made)
            found = run(command, path, folder)
            if cost(found, control) > SECONDS:
                found, control = again(command, path, folder)
            net = cost(found, control)
            wrong = faults(found, net, command)
            failed += [f"{command} {name}"] if wrong else []
            worst.append((net, found.megabytes, f"{command} {name}"))
            wall, processor = found.seconds - control.seconds, found.processor - control.processor
            times = f"{wall:6.2f} s beyond start-up, processor {processor:5.2f} s ({found.seconds:5.2f} in all)"
            line = f"{times}  {found.megabytes:4.0f} MB  exit {found.code}  {command}  {name}  [{found.reason}]"
            print(f"{line}  {' '.join(wrong).upper()}".rstrip(), flush=True)
    if worst:
        longest, largest = max(worst), max(item[1] for item in worst)
        told = f"{len(worst)} files; longest {longest[0]:.2f} s ({longest[2]}), largest {largest:.0f} MB"
        print(f"{told}; {len(failed)} failed: {', '.join(failed) or 'none'}")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
