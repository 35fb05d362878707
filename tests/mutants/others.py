"""Everything else that is signed: lone seals, lists, PDF licences, codes, events of phones, field packs; and their mutants."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from random import Random
from uuid import UUID

from dev.vector_keys import signer
from dev.vectors_offline import Case, plain
from liangzheng.codes import signed as online
from liangzheng.codes.offline_code import (
    PREFIX,
    CredentialKind,
    MalformedOfflineCode,
    UnverifiedOfflineCode,
    read_offline_code,
    write_offline_code,
)
from liangzheng.crypto.sm2 import SM2PrivateKey
from liangzheng.formats import device_event
from liangzheng.formats.cbor import CborValue, Tagged, decode, encode
from liangzheng.formats.cose import UnverifiedSign1
from liangzheng.formats.status_list import (
    MalformedStatusList,
    Publication,
    Status,
    UnverifiedStatusList,
    encode_status_list_cwt,
    read_status_list,
)
from liangzheng.formats.strict_json import from_base64url, to_base64url
from liangzheng.formats.trust_list import (
    EVERY_TYPE,
    TrustEntry,
    TrustList,
    UnverifiedTrustList,
    encode_trust_list,
    read_trust_list,
)
from liangzheng.formats.unreadable import UnreadableFile
from liangzheng.verification import issuer_checks, lone_files, offline, pack_wire
from liangzheng.verification.field_pack import Limits
from liangzheng.verification.file_checks import FileReport, TrustMaterial
from liangzheng.verification.judge import judge as judge_any
from liangzheng.verification.verdict import Standing
from tests.mutants.campaign import UNREADABLE, Answer, Family, Parts, Patch, Subject, answer
from tests.mutants.licences import authority, passing
from tests.mutants.trees import bytewise, cbor_change, der_change, json_change
from tests.verification import signed_pdf
from tests.verification.sealed_licence import LONG, METADATA, NOW, STATUS_INDEX, STATUS_URI

WEEK = timedelta(days=7)
Build = Callable[[Random], bytes]


def _subject(name: str, data: bytes, trust: TrustMaterial, content: Callable[[FileReport, bytes], object]) -> Subject:
    def judge(parts: Parts) -> Answer:
        try:
            return answer(judge_any(parts[0], trust, NOW).verdict)
        except UnreadableFile:
            return UNREADABLE

    return Subject(name, (data,), judge, lambda parts: content(judge_any(parts[0], trust, NOW), parts[0]))


def _families(subject: Subject, *kinds: tuple[str, Build, str, tuple[Patch, ...]]) -> list[Family]:
    def made(build: Build) -> Callable[[Random], Parts]:
        return lambda dice: (build(dice),)

    original = subject.original[0]
    plain = Family(subject, "bytes", made(lambda dice: bytewise(original, dice)), share=2)
    return [plain, *(Family(subject, name, made(build), check, off) for name, build, check, off in kinds)]


def seals() -> list[Family]:
    who = authority()
    data, trust = who.seal.encoded, who.trust()
    subject = _subject("seal (.esl)", data, trust, lambda report, _: [seal.seal_name for seal in report.seals])
    maker = (passing(lone_files, "_made_by", "seal_signature"),)
    return _families(subject, ("its structure", lambda dice: der_change(data, dice), "seal_signature", maker))


def pdfs() -> list[Family]:
    who = signed_pdf.found_pdf_authority("SM2")
    data, trust = signed_pdf.licence(who), who.trust()
    other = signed_pdf.found_pdf_authority("SM2")
    subject = _subject("PDF licence", data, trust, lambda report, raw: (report.metadata, raw.rstrip(b"\r\n")))
    off = (passing(issuer_checks, "_trusted", "issuer_trusted"), passing(issuer_checks, "_not_revoked", "issuer_not_revoked"))

    def more(dice: Random) -> bytes:
        return data + b"\n%" + dice.randbytes(dice.randrange(1, 40)).hex().encode()

    def namesake(dice: Random) -> bytes:
        return signed_pdf.licence(other, replace(METADATA, number=f"演示{dice.randrange(10**9)}号"))

    return _families(
        subject,
        ("something behind it", more, "", ()),
        ("by a namesake", namesake, "issuer_trusted", off),
    )


_TOKEN = (
    (UnverifiedStatusList, "verify", lambda *_, **__: ""),
    (UnverifiedTrustList, "verify", lambda *_, **__: ""),
)


def _jwt(name: str, data: bytes, trust: TrustMaterial, read: Callable[[bytes], object]) -> list[Family]:
    head, body, value = data.split(b".")
    payload = json.loads(from_base64url(body))
    header = json.loads(from_base64url(head))

    def written(part: object) -> bytes:
        return to_base64url(json.dumps(part, ensure_ascii=False, separators=(",", ":")).encode())

    def in_payload(dice: Random) -> bytes:
        return b".".join((head, written(json_change(payload, dice)), value))

    def in_header(dice: Random) -> bytes:
        return b".".join((written(json_change(header, dice)), body, value))

    def resigned(dice: Random) -> bytes:
        changed = b".".join((head, written(json_change(payload, dice))))
        key = SM2PrivateKey.from_scalar(dice.randrange(2, 2**250))
        return changed + b"." + to_base64url(key.sign_raw(changed))

    subject = _subject(name, data, trust, lambda _, raw: read(raw.strip()))
    return _families(
        subject,
        ("its payload", in_payload, "token_signature", _TOKEN),
        ("its header", in_header, "", ()),
        ("signed with another key", resigned, "token_signature", _TOKEN),
    )


def lists() -> list[Family]:
    who = authority()
    status = who.status_token(Status.VALID)
    publication = Publication(uri=STATUS_URI, issued_at=NOW, expires_at=NOW + timedelta(days=1))
    cwt = encode_status_list_cwt(
        {STATUS_INDEX: Status.VALID}, size=16, publication=publication, key=who.signer_key, chain=[who.signer]
    )
    entry = TrustEntry("issuer", "演示", who.signer.organisation_code, who.signer, None, (EVERY_TYPE,), LONG[0])
    listed = TrustList("https://trust.example/1", 3, NOW - timedelta(hours=1), NOW + WEEK, (entry,))
    trust_list = encode_trust_list(listed, key=who.signer_key, signer=who.signer)
    roots = TrustMaterial((who.root,), (who.crl(),), ())
    pinned = TrustMaterial((), (), (), (who.signer,), ())
    return [
        *_jwt("status list (JWT)", status, roots, _status_content),
        *_jwt("trust list", trust_list, pinned, lambda raw: read_trust_list(raw).unverified),
        *_cose("status list (CWT)", cwt, roots),
    ]


def _status_content(raw: bytes) -> object:
    try:
        listed = read_status_list(raw)
    except MalformedStatusList:
        return None
    return listed.uri, listed.issued_at, listed.expires_at, listed.bits, listed.packed


def _cose(name: str, data: bytes, trust: TrustMaterial) -> list[Family]:
    return _families(
        _subject(name, data, trust, lambda _, raw: _status_content(raw)),
        ("its payload", lambda dice: message_with(data, dice, "payload"), "token_signature", _TOKEN),
        ("its structure", lambda dice: message_with(data, dice, "anything"), "", ()),
    )


def message_with(data: bytes, dice: Random, what: str) -> bytes:
    """A COSE message changed in its payload's map, or anywhere; written in the deterministic form again."""
    whole = decode(data, tags=frozenset({18, 61}), sorted_keys=False)
    if isinstance(whole, Tagged) and isinstance(whole.value, Tagged):
        return encode(Tagged(whole.number, _message_with(whole.value, dice, what)))
    return encode(_message_with(whole, dice, what))


def _message_with(whole: CborValue, dice: Random, what: str) -> CborValue:
    inner = whole.value if isinstance(whole, Tagged) else whole
    if not isinstance(inner, tuple):
        return cbor_change(whole, dice)
    members = list(inner)
    if what == "payload" and isinstance(members[2], bytes):
        members[2] = encode(cbor_change(decode(members[2], sorted_keys=False), dice))
        changed: CborValue = tuple(members)
    else:
        changed = cbor_change(inner, dice)
    return Tagged(whole.number, changed) if isinstance(whole, Tagged) else changed


def codes() -> list[Family]:
    found: list[Family] = []
    for algorithm in ("SM2", "ES256"):
        case = plain(CredentialKind.LICENCE, algorithm, algorithm)
        text = case.text()
        found += _code(f"off-line code ({algorithm})", case, text)
    return [*found, *_online()]


def _code(name: str, case: Case, text: str) -> list[Family]:
    read = read_offline_code(text)
    credential, proof = read.credential_bytes, _proof_of(text)

    def judge(parts: Parts) -> Answer:
        report = offline.judge_offline(
            parts[0].decode(errors="replace"), case.pack, now=case.now, device=case.device, expect=case.expect
        )
        return Answer(report.verdict.standing is Standing.VALID_OFFLINE, answer(report.verdict).caught)

    def content(parts: Parts) -> object:
        found = read_offline_code(parts[0].decode())
        return found.credential, found.proof

    def rewritten(one: bytes, other: bytes) -> bytes:
        try:
            return write_offline_code(one, other).encode()
        except ValueError:
            return text.encode()[:-1]

    signature = (
        (UnverifiedOfflineCode, "is_issued_by", lambda *_: True),
        (UnverifiedOfflineCode, "is_proved", property(lambda _: True)),
    )

    def by_credential(dice: Random) -> bytes:
        return rewritten(message_with(credential, dice, "payload"), proof)

    subject = Subject(name, (text.encode(),), judge, content)
    return _families(
        subject,
        (
            "its credential",
            by_credential,
            "credential_signature",
            signature,
        ),
        ("its proof", lambda dice: rewritten(credential, message_with(proof, dice, "payload")), "holder_proof", signature),
        ("the credential's structure", lambda dice: rewritten(message_with(credential, dice, "anything"), proof), "", ()),
    )


def _proof_of(text: str) -> bytes:
    import zlib

    from liangzheng.formats import base45

    members = decode(zlib.decompress(base45.decode(text.removeprefix(PREFIX))))
    if not isinstance(members, tuple | list) or not isinstance(members[2], bytes):
        raise MalformedOfflineCode("no proof")
    return members[2]


def _online() -> list[Family]:
    key = SM2PrivateKey.from_scalar(161803)
    code = online.make_code("holder", UUID("019aa5e0-7c00-7a5b-8c3d-0123456789ab"), NOW, 60, key)
    text = code.holder_text().encode()
    known = {key.public_key.key_id: key.public_key}

    def judge(parts: Parts) -> Answer:
        try:
            read = online.read_holder_text(parts[0].decode())
        except (online.MalformedCode, UnicodeDecodeError):
            return UNREADABLE
        return Answer(read.is_signed_by(known), ("code_signature",))

    def content(parts: Parts) -> object:
        read = online.read_holder_text(parts[0].decode())
        return read.code_id, read.issued_at, read.lifetime

    return _families(Subject("on-line code", (text,), judge, content))


HAPPENED = device_event.Happened(
    device=UUID("019aa5e0-7c00-7a5b-8c3d-0123456789ab"),
    counter=7,
    previous=bytes(32),
    at=1_772_000_000,
    server_time=1_771_999_000,
    elapsed=1000,
    kind="scan",
    act=UUID("019aa5e0-7c00-7a5b-8c3d-ba9876543210"),
    body={"text": "LZ2:DEMO", "method": "camera", "pack": 3},
)
_SIGNED = ((UnverifiedSign1, "is_signed_by", lambda *_, **__: True),)


def events() -> list[Family]:
    """One event of a phone's queue."""
    key = signer("phone", "ES256")
    data = device_event.make_event(HAPPENED, key)

    def judge(parts: Parts) -> Answer:
        try:
            read = device_event.read_event(parts[0])
        except device_event.MalformedEvent:
            return UNREADABLE
        return Answer(read.is_signed_by(key.public_key), ("event_signature",))

    return _message(Subject("event of a phone", (data,), judge, lambda parts: device_event.read_event(parts[0]).happened))


def packs() -> list[Family]:
    """The manifest of a field pack."""
    key = SM2PrivateKey.from_scalar(577215)
    part = pack_wire.Part("trust", bytes(range(32)), 100, pack_wire.TRUST)
    data = pack_wire.write_manifest(pack_wire.Manifest(9, 100, 200, 110, (part,), Limits()), key)

    def judge(parts: Parts) -> Answer:
        try:
            pack_wire.read_manifest(parts[0], key.public_key)
        except pack_wire.MalformedPack:
            return UNREADABLE
        return Answer(is_valid=True)

    return _message(Subject("field pack", (data,), judge, lambda parts: pack_wire.read_manifest(parts[0], key.public_key)))


def _message(subject: Subject) -> list[Family]:
    data = subject.original[0]
    return _families(subject, ("its payload", _payload_of(data), "", _SIGNED), ("its structure", _structure_of(data), "", ()))


def _payload_of(data: bytes) -> Build:
    return lambda dice: message_with(data, dice, "payload")


def _structure_of(data: bytes) -> Build:
    return lambda dice: message_with(data, dice, "anything")


def all_others() -> list[Family]:
    return [*seals(), *pdfs(), *lists(), *codes(), *events(), *packs()]
