"""Measure SM2 verifications a second through `SM2PublicKey.verify` beside `openssl speed sm2`, one thread, in turns.

`python -m dev.bench.sm2_verify [seconds]` prints both rates and their ratio. CPU time on both sides; rounds alternate,
so that other work on the machine meets both.
"""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import time

from liangzheng.crypto.sm2 import SM2PrivateKey

ROUNDS = 3


def ours(seconds: float) -> float:
    """Verify until the CPU time is used up; verifications a second."""
    key = SM2PrivateKey.generate()
    message = b"liangzheng code v1\x00" + bytes(27)
    signature, public = key.sign(message), key.public_key
    count, began = 0, time.process_time()
    while (used := time.process_time() - began) < seconds:
        for _ in range(50):
            if not public.verify(signature, message):
                raise RuntimeError("a good signature was refused")
        count += 50
    return count / used


def openssl(seconds: float) -> float:
    """Ask OpenSSL for its own figure (last column of `openssl speed`)."""
    program = shutil.which("openssl")
    if program is None:
        raise RuntimeError("the openssl command is not installed")
    command = [program, "speed", "-seconds", str(max(1, round(seconds))), "sm2"]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return float(output.split()[-1])


def main() -> None:
    """Print the median of alternating rounds."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 2.0
    pairs = [(ours(seconds), openssl(seconds)) for _ in range(ROUNDS)]
    mine, theirs = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratio = statistics.median(one / two for one, two in pairs)
    print(f"SM2PublicKey.verify {mine:,.0f}/s · openssl speed sm2 {theirs:,.0f}/s · ratio {ratio:.2f}")


if __name__ == "__main__":
    main()
