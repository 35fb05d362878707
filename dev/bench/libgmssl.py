"""Measure SM2 verifications a second of a libgmssl.so beside `SM2PublicKey.verify`, one thread, in turns.

`python -m dev.bench.libgmssl /path/to/libgmssl.so [seconds]` prints both rates, their ratio, and which bad signatures it accepts.
Its digest call (`sm2_verify`) is measured, as ours verifies a digest; CPU time on both sides. For GmSSL 3.1 and 3.2.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import cffi

from dev.bench.sm2_verify import ours

ROUNDS = 3
_KEY_ROOM = 4096  # bytes; a key takes 96 in 3.1 and 128 in 3.2, and nothing here looks inside
_LONGEST_SIGNATURE = 80
_DECLARATIONS = """
int gmssl_version_num(void);
int sm2_key_generate(void *key);
int sm2_sign(const void *key, const unsigned char digest[32], unsigned char *signature, size_t *size);
int sm2_verify(const void *key, const unsigned char digest[32], const unsigned char *signature, size_t size);
"""


def opened(path: str) -> tuple[int, Callable[[bytes], bool], bytes]:
    """Load the library: its version number, a verifier under a fresh key, and a signature of that key over 32 zero bytes."""
    ffi = cffi.FFI()
    ffi.cdef(_DECLARATIONS)
    lib: Any = ffi.dlopen(path)
    key, digest = ffi.new("unsigned char[]", _KEY_ROOM), bytes(32)
    signature, size = ffi.new("unsigned char[]", _LONGEST_SIGNATURE), ffi.new("size_t *", _LONGEST_SIGNATURE)
    if lib.sm2_key_generate(key) != 1 or lib.sm2_sign(key, digest, signature, size) != 1:
        raise RuntimeError("this libgmssl did not sign")
    return (
        int(lib.gmssl_version_num()),
        lambda candidate: bool(lib.sm2_verify(key, digest, candidate, len(candidate)) == 1),
        bytes(ffi.buffer(signature, size[0])),
    )


def theirs(verify: Callable[[bytes], bool], signature: bytes, seconds: float) -> float:
    """Verify until the CPU time is used up; verifications a second."""
    count, began = 0, time.process_time()
    while (used := time.process_time() - began) < seconds:
        for _ in range(50):
            if not verify(signature):
                raise RuntimeError("a good signature was refused")
        count += 50
    return count / used


def main() -> None:
    """Print the median of alternating rounds."""
    path, seconds = sys.argv[1], float(sys.argv[2]) if len(sys.argv) > 2 else 2.0  # noqa: PLR2004 - the second argument
    version, verify, signature = opened(path)
    pairs = [(ours(seconds), theirs(verify, signature, seconds)) for _ in range(ROUNDS)]
    mine, other = (statistics.median(column) for column in zip(*pairs, strict=True))
    print(f"SM2PublicKey.verify {mine:,.0f}/s · libgmssl {version} {other:,.0f}/s · ratio {other / mine:.2f}")
    bad = {"trailing byte": signature + b"\x00", "cut off": signature[:-1], "empty": b"", "changed": signature[:-1] + b"\x00"}
    print("libgmssl accepts: " + (", ".join(name for name, one in bad.items() if verify(one)) or "no bad signature tried"))


if __name__ == "__main__":
    main()
