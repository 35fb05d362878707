"""Signatures that were found good, remembered by digest: the same few certificates and lists come with every file.

Only "good" is kept. That a signature is good never changes; whether its signer was allowed to sign is judged anew each time.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from threading import Lock

from liangzheng.crypto import signatures
from liangzheng.crypto.keys import PublicKey

_MOST = 4096  # about half a megabyte; a province has some hundred issuers


class GoodSignatures:
    """At most `most` digests, the least recently used dropped first. Threads may share it."""

    __slots__ = ("_known", "_lock", "_most")

    def __init__(self, most: int) -> None:
        self._known: OrderedDict[bytes, None] = OrderedDict()
        self._lock = Lock()
        self._most = most

    def is_signed(self, key: PublicKey | None, algorithm: str, signature: bytes, message: bytes) -> bool:
        """Answer as `signatures.is_signed` does, from memory where this very key, algorithm, signature and message were good."""
        if key is None:
            return False
        name = _digest(key.spki, algorithm.encode(), signature, message)
        with self._lock:
            if name in self._known:
                self._known.move_to_end(name)
                return True
        if not signatures.is_signed(key, algorithm, signature, message):
            return False
        with self._lock:
            self._known[name] = None
            if len(self._known) > self._most:
                self._known.popitem(last=False)
        return True

    def clear(self) -> None:
        """Forget everything, for measuring."""
        with self._lock:
            self._known.clear()

    def __len__(self) -> int:
        return len(self._known)


def _digest(*parts: bytes) -> bytes:
    """Return SHA-256 over all parts, each after its length, so that no byte can move from one part into another."""
    whole = hashlib.sha256()
    for part in parts:
        whole.update(len(part).to_bytes(8, "big"))
        whole.update(part)
    return whole.digest()


GOOD = GoodSignatures(_MOST)
"""What this process has found good."""

is_signed = GOOD.is_signed
