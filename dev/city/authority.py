"""The demo city's own certificate authority, seal maker, e-seals, status and trust lists. Trusted by nobody but the demo.

Keys and certificates lie in a folder of the caller's, each key readable by its owner only; what is there is used again.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType

from dev.city import pictures
from dev.city.licences import ISSUERS
from dev.city.people import Authority, status_publisher
from liangzheng.catalogue.read import catalogue
from liangzheng.crypto.certificates import Certificate, Subject, issue_certificate, read_certificate
from liangzheng.crypto.revocation import issue_crl
from liangzheng.crypto.sm2 import SM2PrivateKey, SM2PublicKey
from liangzheng.formats.seals.seal import ESeal, SealDesign, SealPicture, make_seal
from liangzheng.formats.status_list import Publication, Status, encode_status_list, encode_status_list_cwt
from liangzheng.formats.trust_list import TrustEntry, TrustList, encode_trust_list, read_trust_list
from liangzheng.verification.trust_files import LIST_SIGNER

STATUS_URI = "https://status.liangzheng.example/lists/1"  # .example is reserved (RFC 2606)
TRUST_URI = "https://trust.liangzheng.example/lists/1"
ROOT_NAME = Subject("亮证演示根证书（演示）", "亮证演示标准机构（演示）")
_BEFORE, _AFTER = timedelta(days=3653), timedelta(days=3653)
_LISTS_LAST = timedelta(days=400)  # a demo is opened again after months and should still work
_PUBLISHED = timedelta(hours=1)  # lists are that old, so that small clock differences do not matter
_SEAL_MM = 40


@dataclass(frozen=True, slots=True)
class Identity:
    """A certificate and the key that belongs to it."""

    certificate: Certificate
    key: SM2PrivateKey


@dataclass(frozen=True, slots=True)
class DemoAuthority:
    """The root, the signers of status and trust list, and for each issuing authority (by key) its identity and its seal."""

    root: Identity
    status: Identity
    list_signer: Identity
    signers: Mapping[str, Identity]
    seals: Mapping[str, ESeal]


def open_authority(folder: Path, authorities: Sequence[Authority], now: datetime) -> DemoAuthority:
    """Read keys and certificates from the folder, make what is missing, and make the seals."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    span = (_whole_day(now - _BEFORE), _whole_day(now + _AFTER))
    root = _identity(folder, "root", ROOT_NAME, None, span)
    maker = _identity(folder, "seal-maker", Subject("亮证演示印章制作（演示）", ROOT_NAME.organisation), root, span)
    publisher = status_publisher()
    status = _identity(folder, publisher.key, Subject(publisher.name, publisher.name, publisher.uscc), root, span)
    list_signer = _identity(folder, LIST_SIGNER, Subject("亮证演示信任名单签发（演示）", ROOT_NAME.organisation), root, span)
    signers = {
        item.key: _identity(folder, item.key, Subject(f"{item.name}电子签章", item.name, item.uscc), root, span)
        for item in authorities
    }
    seals = {item.key: _seal(number, item, signers[item.key], maker) for number, item in enumerate(authorities, start=1)}
    return DemoAuthority(root, status, list_signer, signers, seals)


def write_trust(
    folder: Path,
    authority: DemoAuthority,
    statuses: Mapping[int, Status],
    now: datetime,
    code_keys: Mapping[str, SM2PublicKey] = MappingProxyType({}),
) -> None:
    """Write what a verifier needs: root.cer, demo.crl, the status list in both forms, the trust list and its pinned signer.

    `code_keys` are the platform's own keys by name: they sign presentation codes and credentials.
    """
    folder.mkdir(parents=True, exist_ok=True)
    root = authority.root
    at = now - _PUBLISHED
    crl = issue_crl(root.certificate, root.key, (), this_update=at, next_update=now + _LISTS_LAST, number=int(now.timestamp()))
    for suffix, encode in (("jwt", encode_status_list), ("cwt", encode_status_list_cwt)):
        token = encode(
            statuses,
            size=max(statuses, default=0) + 1,
            publication=Publication(STATUS_URI, at, now + _LISTS_LAST),
            key=authority.status.key,
            chain=(authority.status.certificate,),
        )
        replace_file(folder / f"status-list.{suffix}", token)
    replace_file(folder / "root.cer", root.certificate.pem())
    replace_file(folder / "demo.crl", crl)
    signer = authority.list_signer
    replace_file(folder / f"{LIST_SIGNER}.cer", signer.certificate.pem())
    path = folder / "trust-list.jwt"
    entries = _with_earlier_distrust(_entries(authority, code_keys), path)
    listed = TrustList(TRUST_URI, int(now.timestamp()), at, now + _LISTS_LAST, entries)
    replace_file(path, encode_trust_list(listed, key=signer.key, signer=signer.certificate))


def _with_earlier_distrust(entries: tuple[TrustEntry, ...], path: Path) -> tuple[TrustEntry, ...]:
    """Keep what somebody wrote into the list of an earlier start with `liangzheng trust distrust`."""
    before = read_trust_list(path.read_bytes().strip()).unverified.entries if path.exists() else ()
    gone = {(entry.certificate, entry.public_key): entry for entry in before if entry.distrusted_since}
    return tuple(
        replace(entry, distrusted_since=found.distrusted_since, reason=found.reason)
        if (found := gone.get((entry.certificate, entry.public_key)))
        else entry
        for entry in entries
    )


def _entries(authority: DemoAuthority, code_keys: Mapping[str, SM2PublicKey]) -> tuple[TrustEntry, ...]:
    """Each issuing authority for the types it issues, and the platform's keys."""
    codes = {item.id: item.code for item in catalogue().licence_types}
    issuers = tuple(
        TrustEntry(
            kind="issuer",
            name=identity.certificate.common_name,
            organisation_code=identity.certificate.organisation_code,
            certificate=identity.certificate,
            public_key=None,
            licence_types=tuple(sorted(codes[kind] for kind, issuer in ISSUERS.items() if issuer == key)),
            trusted_from=identity.certificate.not_before,
        )
        for key, identity in authority.signers.items()
    )
    since, owner = authority.root.certificate.not_before, status_publisher().uscc
    return (*issuers, *(TrustEntry("code_key", name, owner, None, key, ("*",), since) for name, key in code_keys.items()))


def replace_file(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Write a file so that it is there whole or not at all, with these permissions from its first byte on."""
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
    part.replace(path)


def _identity(folder: Path, name: str, subject: Subject, issuer: Identity | None, span: tuple[datetime, datetime]) -> Identity:
    key = _key(folder / f"{name}.key.pem")
    path = folder / f"{name}.cer"
    if path.exists():
        certificate = read_certificate(path.read_bytes())
        above = issuer.certificate.public_key if issuer else key.public_key
        is_same = certificate.subject.der == subject.encode() and certificate.public_key == key.public_key
        if is_same and certificate.is_signed_by(above):
            return Identity(certificate, key)
    certificate = read_certificate(
        issue_certificate(
            subject,
            key.public_key,
            issuer=issuer.certificate if issuer else None,
            issuer_key=issuer.key if issuer else key,
            validity=span,
            path_length=None if issuer else 0,
        )
    )
    replace_file(path, certificate.pem())
    return Identity(certificate, key)


def _key(path: Path) -> SM2PrivateKey:
    if path.exists():
        return SM2PrivateKey.from_pem(path.read_bytes())
    key = SM2PrivateKey.generate()
    replace_file(path, key.to_pem(), mode=0o600)
    return key


def _seal(number: int, authority: Authority, signer: Identity, maker: Identity) -> ESeal:
    """The seal is as old as its signer's certificate, so that every licence of the city was sealed while it was valid."""
    words = (authority.name.removesuffix("（演示）"), "电子印章样式")
    design = SealDesign(
        seal_id=f"LZDEMO{number:08d}",
        name=f"{authority.name}电子印章",
        picture=SealPicture("PNG", pictures.seal(words), _SEAL_MM, _SEAL_MM),
        created_at=signer.certificate.not_before,
        valid_from=signer.certificate.not_before,
        valid_to=signer.certificate.not_after,
    )
    return make_seal(design, [signer.certificate.der], maker.certificate.der, maker.key)


def _whole_day(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
