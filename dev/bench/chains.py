"""Measure how long a path of three SM2 certificates with two revocation lists takes to judge: nothing remembered, and remembered.

`python -m dev.bench.chains [rounds]` prints both in microseconds of CPU time and their ratio, and the same for reading.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from liangzheng.crypto import certificates, verified
from liangzheng.crypto.certificates import Certificate, Subject, issue_certificate, read_certificate
from liangzheng.crypto.chains import judge_chain
from liangzheng.crypto.revocation import issue_crl, read_crl
from liangzheng.crypto.sm2 import SM2PrivateKey

AT = datetime(2026, 11, 23, tzinfo=UTC)
PERIOD = (AT - timedelta(days=30), AT + timedelta(days=30))


def microseconds(job: Callable[[], object], rounds: int) -> float:
    """Give the median CPU time of one run."""
    times = []
    for _ in range(rounds):
        began = time.process_time_ns()
        job()
        times.append((time.process_time_ns() - began) / 1000)
    return statistics.median(times)


def path() -> tuple[Callable[[], None], Certificate]:
    """Make root, authority and signer; give the judging of the signer, and his certificate."""
    keys = [SM2PrivateKey.generate() for _ in range(3)]
    made: list[Certificate] = []
    for key, depth in zip(keys, (1, 0, None), strict=True):
        issuer, issuer_key = (made[-1], keys[len(made) - 1]) if made else (None, key)
        subject = Subject(f"演示 {len(made)}")
        encoded = issue_certificate(
            subject, key.public_key, issuer=issuer, issuer_key=issuer_key, validity=PERIOD, path_length=depth
        )
        made.append(read_certificate(encoded))
    root, between, signer = made
    lists = [
        read_crl(issue_crl(one, key, (), this_update=PERIOD[0], next_update=PERIOD[1], number=1))
        for one, key in zip((root, between), keys, strict=False)
    ]

    def judge() -> None:
        verdict = judge_chain(signer, [root], lists, AT, intermediates=[between])
        if verdict.result != "trusted":
            raise RuntimeError(f"a good path was refused: {verdict.result}")

    return judge, signer


def main() -> None:
    """Print the figures."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    judge, signer = path()

    def judge_anew() -> None:
        verified.GOOD.clear()
        judge()

    def read_anew() -> None:
        certificates.read_once.cache_clear()
        read_certificate(signer.der)

    for what, cold, warm in (
        ("path of three", judge_anew, judge),
        ("reading", read_anew, lambda: read_certificate(signer.der)),
    ):
        first, again = microseconds(cold, rounds), microseconds(warm, rounds)
        print(f"{what}: {first:,.0f} µs, remembered {again:,.1f} µs · ratio {first / again:,.0f}")


if __name__ == "__main__":
    main()
