"""Measure the public log: entries appended and sealed in a second beside a serial hash chain, and a million entries verified.

`python -m dev.bench.log [--seconds 8] [--rounds 3] [--clients 32] [--entries 1000000]`. Needs about 3 GB in the temporary folder.

Both sides write the same rows by pgbench, one row in a transaction, each commit on disk: "sealed" with the product's sealer
beside it, until the last entry stands in the signed tree; "chain" with a head row that each transaction locks and hashes on, as
logs without a tree do. They take turns. Processor time counts writers, server and sealer; the rest was taken by others.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import psutil

LEAST_SEALED, MOST_SECONDS = 5_000, 60.0
STEP = 5_000  # rows of one COPY
FASTEST = 12_000  # entries a second, of both sides together, for which rows are made ready
COLUMNS = (
    "id, at, actor_kind, actor, actor_number, action, subject_kind, subject, act, act_code, agency_id, region, holder,"
    " purpose, legal_basis, fields, result, salt, commitment"
)
NEXT = "SELECT * FROM bench_staged WHERE n = (SELECT nextval('bench_next'))"
FREE = f"INSERT INTO auditlog_logentry ({COLUMNS}) SELECT {COLUMNS} FROM ({NEXT}) AS next;"  # noqa: S608 - constants
CHAINED = (
    f"WITH next AS ({NEXT}), head AS ("  # noqa: S608
    " UPDATE bench_chain SET value = sha256(bench_chain.value || next.commitment) FROM next RETURNING 1"
    f") INSERT INTO auditlog_logentry ({COLUMNS}) SELECT {COLUMNS} FROM next, head;"
)
CLI = [sys.executable, "-m", "liangzheng.server.cli"]


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds by the wall and of processors."""

    wall: float
    processor: float

    def __str__(self) -> str:
        return f"{self.wall:.1f} s, processor {self.processor:.1f} s"


class Meter:
    """What this process, its children and the database spend between `start` and `stop`."""

    def __init__(self, postmaster: psutil.Process) -> None:
        self.postmaster = postmaster

    def start(self) -> None:
        self.wall, self.spent = time.perf_counter(), self._processor()

    def stop(self) -> Cost:
        return Cost(time.perf_counter() - self.wall, self._processor() - self.spent)

    def _processor(self) -> float:
        own = (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
        times = self.postmaster.cpu_times()
        server: float = times.user + times.system + times.children_user + times.children_system
        for process in self.postmaster.children():
            try:
                part = process.cpu_times()
            except psutil.NoSuchProcess:
                continue
            server += part.user + part.system
        return server + sum(usage.ru_utime + usage.ru_stime for usage in own)


def rows(count: int) -> Iterator[tuple[object, ...]]:
    """Make look-ups of fictional officers as the product writes them, a salt and a commitment in each."""
    from datetime import UTC, datetime

    from liangzheng.auditlog.append import Event, seal_event
    from liangzheng.storage.ids import new_id

    keys, now = [new_id() for _ in range(100)], datetime.now(UTC)
    names = COLUMNS.split(", ")
    for number in range(count):
        event = Event(
            at=now,
            actor_kind="officer",
            actor=keys[number % 97],
            actor_number=f"1506{number % 2000:07d}",
            action="scan",
            subject_kind="licence",
            subject=keys[number % 89],
            act=keys[number % 83],
            act_code=f"演示-2026-{number:07d}",
            agency=keys[0],
            region="370600",
            holder=keys[number % 79],
            purpose="现场检查",
            legal_basis="《道路运输条例》第五十八条",
            fields=("name", "number", "valid_until"),
            result="valid",
        )
        entry = seal_event(event)
        yield tuple(getattr(entry, name) for name in names)


class Bench:
    """A database, a log and its sealer in a folder of their own."""

    def __init__(self, folder: Path, clients: int) -> None:
        from liangzheng.auditlog.sealing import log_files, log_signer
        from liangzheng.server.postgres import SUPERUSER, EmbeddedPostgres

        self.server = EmbeddedPostgres(folder)
        self.server.start()
        subprocess.run([*CLI, "manage", "migrate", "--verbosity", "0"], check=True)
        import psycopg

        self.superuser = psycopg.connect(self.server.conninfo(SUPERUSER), autocommit=True)
        number = (self.server.cluster / "postmaster.pid").read_text(encoding="utf-8").split()[0]
        self.meter = Meter(psutil.Process(int(number)))
        self.folder, self.clients = folder, clients
        self.signer, self.files = log_signer(), log_files()

    def end(self) -> None:
        from django.db import connection

        connection.close()
        self.superuser.close()
        self.server.stop()

    def stage(self, count: int) -> None:
        """Have rows ready, so that the writers do nothing but write."""
        self.superuser.execute("CREATE TABLE bench_staged AS SELECT 0::bigint AS n, e.* FROM auditlog_logentry e WHERE false")
        self.superuser.execute("CREATE TABLE bench_chain AS SELECT sha256('') AS value; CREATE SEQUENCE bench_next CACHE 1")
        with self.superuser.cursor() as cursor, cursor.copy(f"COPY bench_staged (n, {COLUMNS}) FROM STDIN") as copy:
            for number, row in enumerate(rows(count), start=1):
                copy.write_row((number, *row))
        self.superuser.execute("ALTER TABLE bench_staged ADD PRIMARY KEY (n)")
        self.superuser.execute("GRANT SELECT ON bench_staged TO PUBLIC; GRANT ALL ON bench_chain, bench_next TO PUBLIC")
        self.superuser.execute("VACUUM ANALYZE bench_staged")

    def pgbench(self, script: str, seconds: int) -> subprocess.Popen[str]:
        from liangzheng.server.database import APP_ROLE, DATABASE_NAME
        from liangzheng.server.postgres import program_folder

        file = self.folder / "statement.sql"
        file.write_text(script, encoding="utf-8")
        address = ["-h", str(self.server.socket), "-U", APP_ROLE, DATABASE_NAME]
        load = ["-n", "-M", "prepared", "-c", str(self.clients), "-j", "2", "-T", str(seconds), "-f", str(file)]
        return subprocess.Popen([program_folder() / "pgbench", *load, *address], stdout=subprocess.PIPE, text=True)

    def sealed(self, seconds: int) -> tuple[float, Cost]:
        """Write while the sealer seals each second; gives sealed entries per second, from the first row to the last seal."""
        from liangzheng.auditlog.sequencer import Sequencer

        with Sequencer(self.signer, self.files) as sequencer:
            before = sequencer.head.size
            self.meter.start()
            writers = self.pgbench(FREE, seconds)
            while writers.poll() is None:
                began = time.monotonic()
                sequencer.seal()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    writers.wait(max(0.0, 1.0 - (time.monotonic() - began)))
            sequencer.seal_all()
            cost = self.meter.stop()
            count = sequencer.head.size - before
        if writers.returncode or count != transactions(writers):
            raise RuntimeError("what was committed is not what was sealed")
        return count / cost.wall, cost

    def chained(self, seconds: int) -> tuple[float, Cost]:
        """Write with a chain; its rows are sealed afterwards, unmeasured."""
        from liangzheng.auditlog.sequencer import Sequencer

        self.meter.start()
        writers = self.pgbench(CHAINED, seconds)
        writers.wait()
        cost = self.meter.stop()
        with Sequencer(self.signer, self.files) as sequencer:
            sequencer.seal_all()
        return transactions(writers) / cost.wall, cost

    def fill(self, count: int) -> tuple[int, Cost]:
        """Have the tree grow to so many entries; gives how many were sealed for it, and what sealing alone cost."""
        from liangzheng.auditlog.sequencer import Sequencer

        with Sequencer(self.signer, self.files) as sequencer:
            missing = max(0, count - sequencer.head.size)
            source = rows(missing)
            for start in range(0, missing, STEP):
                with self.superuser.cursor() as cursor, cursor.copy(f"COPY auditlog_logentry ({COLUMNS}) FROM STDIN") as copy:
                    for _number, row in zip(range(start, min(start + STEP, missing)), source, strict=False):
                        copy.write_row(row)
            self.meter.start()
            sequencer.seal_all()
            return missing, self.meter.stop()

    def verified(self, *words: str) -> Cost:
        """Run `liangzheng log verify`, which has to find nothing wrong."""
        self.meter.start()
        done = subprocess.run([*CLI, "log", "verify", *words], check=False, capture_output=True, text=True)
        cost = self.meter.stop()
        print(f"  {done.stdout.splitlines()[-1] if done.stdout else done.stderr.strip()}")
        if done.returncode:
            raise RuntimeError("the log does not verify")
        return cost


def transactions(writers: subprocess.Popen[str]) -> int:
    """Read the number of commits out of pgbench's report."""
    report = writers.stdout.read() if writers.stdout else ""
    line = next(line for line in report.splitlines() if line.startswith("number of transactions actually processed"))
    return int(line.rpartition(":")[2].partition("/")[0])


def measure(bench: Bench, seconds: int, rounds: int, entries: int) -> bool:
    """Print all figures; say whether the limits are kept."""
    print(f"rows made ready; {bench.clients} clients, one row in a transaction, {rounds} rounds of {seconds} s in turn")
    rates: dict[str, list[float]] = {"chain": [], "sealed": []}
    for _round in range(rounds):
        for name, run in (("chain", bench.chained), ("sealed", bench.sealed)):
            rate, cost = run(seconds)
            rates[name].append(rate)
            each = rate * cost.wall / cost.processor
            print(f"  {name:<6} {rate:8,.0f} entries/s by the wall ({cost}; {each:8,.0f} a processor second)", flush=True)
    sealed, chain = median(rates["sealed"]), median(rates["chain"])
    print(f"sealed {sealed:,.0f}/s (limit {LEAST_SEALED:,}), chain {chain:,.0f}/s, ratio {sealed / chain:.1f} (medians)")
    count, cost = bench.fill(entries)
    print(f"the sealer alone: {count:,} waiting entries in {cost}: {count / cost.wall:,.0f} entries/s" if count else "")
    keys = [word for key in bench.signer.public for word in ("--key", key.vkey)]
    public = bench.verified(str(bench.files.folder), *keys)
    print(f"`liangzheng log verify FOLDER`: {public} (limit {MOST_SECONDS:.0f} s)")
    own = bench.verified()
    print(f"`liangzheng log verify` with every row: {own} (limit {MOST_SECONDS:.0f} s)")
    return sealed >= LEAST_SEALED and max(public.wall, own.wall) <= MOST_SECONDS


def main() -> int:
    """Run it in a fresh folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, value in (("--seconds", 8), ("--rounds", 3), ("--clients", 32), ("--entries", 1_000_000)):
        parser.add_argument(name, type=int, default=value)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lz-log-") as name:
        os.environ |= {"LIANGZHENG_DATA": name, "LIANGZHENG_DEMO": "1", "DJANGO_SETTINGS_MODULE": "liangzheng.server.settings"}
        import django

        django.setup()
        bench = Bench(Path(name), args.clients)
        try:
            bench.stage(args.rounds * args.seconds * FASTEST)
            return 0 if measure(bench, args.seconds, args.rounds, args.entries) else 1
        finally:
            bench.end()


if __name__ == "__main__":
    sys.exit(main())
