"""Entries of a trust list as a person writes them: JSON with days instead of seconds, and file names instead of bytes.

A list of objects: `kind` ("issuer" or "code_key"), `name`, `organisation_code`, `licence_types`, `trusted_from`; perhaps
`distrusted_since` and `reason`; and `certificate` (base64 DER) or `certificate_file`, for a `code_key` `public_key` (base64url
SubjectPublicKeyInfo) or `public_key_file` (PEM, or a certificate with that key). File names are relative to the JSON file.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from liangzheng.crypto.certificates import BadCertificate, Certificate, read_certificate
from liangzheng.crypto.keys import BadKey
from liangzheng.crypto.p256 import P256PublicKey
from liangzheng.crypto.sm2 import SM2PublicKey
from liangzheng.formats.strict_json import BadJson, from_base64url, read_json, to_base64url
from liangzheng.formats.trust_list import TrustEntry
from liangzheng.server.list_files import StoppedError, moment, read_bytes
from liangzheng.server.verify_report import NOT_READABLE

_ALWAYS = {"kind", "name", "organisation_code", "licence_types", "trusted_from"}
_MAYBE = {"distrusted_since", "reason"}
_CARRIES = {"issuer": ("certificate", "certificate_file"), "code_key": ("public_key", "public_key_file")}
_PEM = re.compile(rb"-----BEGIN PUBLIC KEY-----([A-Za-z0-9+/=\s]+)-----END PUBLIC KEY-----")


def read_entries(path: Path) -> tuple[TrustEntry, ...]:
    """Read entries from a file. StoppedError names the entry that is not in order."""
    try:
        value = read_json(read_bytes(path))
    except BadJson as error:
        raise StoppedError(NOT_READABLE, f"不是 JSON：{path}（{error}）") from error
    if not isinstance(value, list):
        raise StoppedError(NOT_READABLE, f"{path} 应为条目的列表")
    entries = []
    for number, item in enumerate(value, 1):
        try:
            entries.append(_entry(item, path.parent))
        except (ValueError, KeyError, TypeError) as error:
            raise StoppedError(NOT_READABLE, f"{path} 第 {number} 条有误：{error}") from error
    return tuple(entries)


def write_entries(entries: Sequence[TrustEntry]) -> list[dict[str, object]]:
    """Give entries in the form in which they are read."""
    return [_written(entry) for entry in entries]


def _entry(item: object, folder: Path) -> TrustEntry:
    if not isinstance(item, Mapping):
        raise TypeError("不是对象")
    kind = item.get("kind")
    carried = [name for name in _CARRIES.get(str(kind), ()) if name in item]
    if (kind != "issuer" and kind != "code_key") or len(carried) != 1 or item.keys() - _MAYBE != _ALWAYS | {carried[0]}:  # noqa: PLR1714 - narrows the type
        raise ValueError("缺少成员、有多余的成员，或者 kind 不对")
    types = item["licence_types"]
    if not isinstance(types, list):
        raise TypeError("licence_types 应为列表")
    certificate = _certificate(item, folder) if kind == "issuer" else None
    return TrustEntry(
        kind=kind,
        name=_text(item["name"]),
        organisation_code=_text(item["organisation_code"]),
        certificate=certificate,
        public_key=None if certificate else _public_key(item, folder),
        licence_types=tuple(map(_text, types)),
        trusted_from=_moment(item["trusted_from"]),
        distrusted_since=_moment(item["distrusted_since"]) if item.get("distrusted_since") is not None else None,
        reason=_text(item.get("reason", "")),
    )


def _certificate(item: Mapping[str, object], folder: Path) -> Certificate:
    named = item.get("certificate_file")
    data = read_bytes(folder / _text(named)) if named is not None else base64.b64decode(_text(item["certificate"]), validate=True)
    try:
        return read_certificate(data)
    except BadCertificate as error:
        raise ValueError(f"证书：{error}") from error


def _public_key(item: Mapping[str, object], folder: Path) -> SM2PublicKey | P256PublicKey:
    named = item.get("public_key_file")
    spki = _spki(read_bytes(folder / _text(named))) if named is not None else from_base64url(_text(item["public_key"]).encode())
    for kind in (SM2PublicKey, P256PublicKey):
        try:
            return kind.from_spki(spki)
        except BadKey:
            continue
    raise ValueError("不是 SM2 或 P-256 公钥")


def _spki(data: bytes) -> bytes:
    match = _PEM.search(data)
    if match:
        return base64.b64decode(b"".join(match[1].split()), validate=True)
    key = read_certificate(data).key
    return key.spki if key else b""


def _moment(value: object) -> datetime:
    return moment(_text(value))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"应为文字：{value!r}")
    return value


def _written(entry: TrustEntry) -> dict[str, object]:
    written: dict[str, object] = {
        "kind": entry.kind,
        "name": entry.name,
        "organisation_code": entry.organisation_code,
        "licence_types": list(entry.licence_types),
        "trusted_from": entry.trusted_from.isoformat(),
        "reason": entry.reason,
    }
    if entry.distrusted_since:
        written["distrusted_since"] = entry.distrusted_since.isoformat()
    if entry.certificate:
        written["certificate"] = base64.b64encode(entry.certificate.der).decode()
    if entry.public_key:
        written["public_key"] = to_base64url(entry.public_key.spki).decode()
    return written
