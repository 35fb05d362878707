"""A fictional time-stamp authority for tests, with SM2 or P-256, under any root."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from liangzheng.crypto.certificates import TIME_STAMPING, Certificate, Subject, issue_certificate, read_certificate
from liangzheng.crypto.keys import SigningKey
from liangzheng.crypto.p256 import P256PrivateKey
from liangzheng.crypto.revocation import Crl, Revocation, issue_crl, read_crl
from liangzheng.crypto.sm2 import SM2PrivateKey
from liangzheng.formats.timestamp import issue_timestamp
from tests.verification.sealed_licence import LONG, Period

POLICY = "1.2.3.4.5"
KINDS: dict[str, Callable[[], SigningKey]] = {"SM2": SM2PrivateKey.generate, "P-256": P256PrivateKey.generate}


@dataclass(frozen=True, slots=True)
class TimeAuthority:
    """One authority: `stamp` gives the stamper of a moment, as `seal_ofd` wants it."""

    certificate: Certificate
    key: SigningKey

    def stamp(self, at: datetime) -> Callable[[bytes], bytes]:
        return lambda value: issue_timestamp(value, self.key, self.certificate, at, serial=7, policy=POLICY)


def found_time_authority(
    root: Certificate,
    root_key: SigningKey,
    *,
    kind: str = "SM2",
    validity: Period = LONG,
    purposes: tuple[str, ...] = (TIME_STAMPING,),
) -> TimeAuthority:
    """Found one under this root."""
    key = KINDS[kind]()
    name = Subject("演示时间戳", organisation="演示时间戳中心")
    issued = issue_certificate(name, key.public_key, issuer=root, issuer_key=root_key, validity=validity, purposes=purposes)
    return TimeAuthority(read_certificate(issued), key)


@dataclass(frozen=True, slots=True)
class Root:
    """A root of its own, with a revocation list."""

    certificate: Certificate
    key: SigningKey

    def crl(self, at: datetime, until: datetime, *revoked: Revocation) -> Crl:
        return read_crl(issue_crl(self.certificate, self.key, revoked, this_update=at, next_update=until, number=1))


def found_root(kind: str = "SM2") -> Root:
    """A self-signed root."""
    key = KINDS[kind]()
    name = Subject("演示时间戳根", organisation="演示时间戳根")
    issued = issue_certificate(name, key.public_key, issuer=None, issuer_key=key, validity=LONG, path_length=1)
    return Root(read_certificate(issued), key)
