"""Measure what judging a sealed licence takes beside its signatures and digests alone, in the same interleaved run.

`python -m dev.bench.licence_verify [rounds]` builds the demo city in a temporary folder and prints for each licence both in
microseconds of CPU time and their ratio, twice: with nothing remembered, as the first file of a run; and as the next file of the
same issuer, whose certificates and lists this process has found good already. `--profile` prints where the time goes.

"Alone" is what the first judging asked of libcrypto: the same SM2 verifications, over messages that lie ready, and the same
digests, each once.
"""

from __future__ import annotations

import cProfile
import pstats
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from dev.city.build import build_city
from liangzheng.crypto import certificates, digests, verified
from liangzheng.crypto.sm2 import SM2PublicKey
from liangzheng.formats.ofd import package
from liangzheng.server.verify_many import read_trust
from liangzheng.verification import judge as judging
from liangzheng.verification import seal_checks
from liangzheng.verification.signer_checks import TrustMaterial
from liangzheng.verification.verdict import Standing

MOST = 3.0


@dataclass(slots=True)
class Asked:
    """The operations of one judging, in order."""

    signatures: list[tuple[SM2PublicKey, bytes, bytes]] = field(default_factory=list)
    contents: list[bytes] = field(default_factory=list)

    def repeat(self) -> None:
        for key, signature, message in self.signatures:
            if not key.verify(signature, message):
                raise RuntimeError("a good signature was refused")
        for content in self.contents:
            digests.sm3(content)


@contextmanager
def listening(asked: Asked) -> Iterator[None]:
    """Note every SM2 verification and every digest of a file."""
    verify, sm3 = SM2PublicKey.verify, digests.sm3

    def noted_verify(self: SM2PublicKey, signature: bytes, message: bytes, **more: bytes) -> bool:
        asked.signatures.append((self, signature, message))
        return verify(self, signature, message, **more)

    def noted_sm3(data: bytes) -> bytes:
        asked.contents.append(data)
        return sm3(data)

    SM2PublicKey.verify = noted_verify  # type: ignore[method-assign]
    package.sm3 = seal_checks.sm3 = noted_sm3  # type: ignore[attr-defined]
    try:
        yield
    finally:
        SM2PublicKey.verify = verify  # type: ignore[method-assign]
        package.sm3 = seal_checks.sm3 = sm3  # type: ignore[attr-defined]


def forget() -> None:
    """Forget what this process has read and found good."""
    verified.GOOD.clear()
    certificates.read_once.cache_clear()


@dataclass(frozen=True, slots=True)
class Figures:
    """Medians in microseconds."""

    first: float
    first_alone: float
    next: float
    next_alone: float


def measure(data: bytes, trust: TrustMaterial, at: datetime, rounds: int) -> Figures:
    """Judge and repeat the operations alone, in turns."""

    def judge() -> None:
        if judging.judge(data, trust, at).verdict.standing is not Standing.VALID:
            raise RuntimeError("a good licence was not found valid")

    def judge_anew() -> None:
        forget()
        judge()

    first, following = Asked(), Asked()
    with listening(first):
        judge_anew()
    with listening(following):
        judge()
    jobs: tuple[Callable[[], None], ...] = (judge_anew, first.repeat, judge, following.repeat)
    times: list[list[float]] = [[] for _ in jobs]
    for _ in range(rounds):
        for place, job in enumerate(jobs):
            began = time.process_time_ns()
            job()
            times[place].append((time.process_time_ns() - began) / 1000)
    return Figures(*(statistics.median(column) for column in times))


def main() -> int:
    """Print the table; 1 when a ratio is above MOST."""
    words = [word for word in sys.argv[1:] if word != "--profile"]
    rounds = int(words[0]) if words else 200
    at = datetime.now(tz=UTC)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        build_city(folder, at)
        trust = read_trust([folder / "trust"])
        files = sorted((folder / "licences").glob("*.ofd"))
        worst, kinds = 0.0, set[str]()
        print("| licence | bytes | first file, µs | alone, µs | ratio | next file, µs | alone, µs | ratio |\n|" + "---|" * 8)
        for path in files:
            data = path.read_bytes()
            report = judging.judge(data, trust, at)
            if report.verdict.standing is not Standing.VALID or report.metadata is None or report.metadata.name in kinds:
                continue  # one of each kind
            kinds.add(report.metadata.name)
            found = measure(data, trust, at, rounds)
            ratios = found.first / found.first_alone, found.next / found.next_alone
            worst = max(worst, *ratios)
            print(f"| {report.metadata.name} | {len(data)} | {found.first:,.0f} | {found.first_alone:,.0f} | {ratios[0]:.2f} "
                  f"| {found.next:,.0f} | {found.next_alone:,.0f} | {ratios[1]:.2f} |")  # fmt: skip
            if "--profile" in sys.argv:
                _profile(data, trust, at)
    print(f"largest ratio {worst:.2f} (at most {MOST:.0f} wanted)")
    return worst > MOST


def _profile(data: bytes, trust: TrustMaterial, at: datetime) -> None:
    profile = cProfile.Profile()
    profile.enable()
    for _ in range(100):
        judging.judge(data, trust, at)
    profile.disable()
    pstats.Stats(profile).sort_stats("tottime").print_stats(15)


if __name__ == "__main__":
    sys.exit(main())
