"""Write tests/vectors/offline.json: off-line codes with pack, clock and expectation, and the canonical verdict of each.

Run `python -m dev.vectors_offline`. Keys come from fixed names and every signature is deterministic, so the file comes out the
same byte for byte. The verdicts are those of `verification/offline.py`; its tests say which reason must come first in each story.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeAlias, cast
from uuid import UUID

from dev.vector_keys import signer
from liangzheng.codes.offline_code import (
    Credential,
    CredentialKind,
    Grant,
    PrivateKey,
    Proof,
    StatusPlace,
    key_id,
    make_credential,
    make_proof,
    write_offline_code,
)
from liangzheng.crypto.sm2 import SM2PublicKey
from liangzheng.verification.field_pack import CodeKey, FieldPack, StatusSnapshot
from liangzheng.verification.offline import DeviceState, Expect, OfflineReport, judge_offline

TARGET = Path(__file__).parent.parent / "tests" / "vectors" / "offline.json"
NOW = 1_795_334_400  # 2026-11-22T08:00:00Z, 16:00 in Shandong
HOUR, DAY = 3_600, 86_400
URI = "https://yantai.example/trust/status-1.jwt"
TYPE = "11100000MB0187654XDL1"
ACT = "YT-2026-1122-000012"
PLACES = {1: 1, 2: 2, 3: 3, 4: 11, 5: 12, 6: 13, 7: 14, 8: 9}
"""Place in the status list → its value; 9 has no meaning."""


@dataclass(frozen=True, slots=True)
class Case:
    """One showing and everything it is judged by; a story changes some of it."""

    credential: Credential
    issuer: PrivateKey
    device_key: PrivateKey
    proof: Proof
    pack: FieldPack
    now: int = NOW
    device: DeviceState = field(default_factory=lambda: DeviceState(NOW - 90, 90))
    expect: Expect = field(default_factory=Expect)
    spoil: Callable[[str], str] = str
    """What somebody did to the finished text."""

    def text(self) -> str:
        credential = make_credential(self.credential, self.issuer)
        return self.spoil(write_offline_code(credential, make_proof(self.proof, credential, self.device_key)))

    def judge(self) -> OfflineReport:
        return judge_offline(self.text(), self.pack, now=self.now, device=self.device, expect=self.expect)


Story: TypeAlias = Callable[[Case], Case]


def packed() -> bytes:
    """Sixteen places of four bits."""
    values = bytearray(8)
    for place, value in PLACES.items():
        values[place // 2] |= value << 4 * (place % 2)
    return bytes(values)


def plain_pack() -> FieldPack:
    """A pack of this morning; the keys called `old` and `new` are distrusted since yesterday and trusted from tomorrow."""
    keys = {algorithm: signer("issuer", algorithm).public_key for algorithm in ("SM2", "ES256")}
    old, new = (signer(name, "SM2").public_key for name in ("old", "new"))
    trusted = {key_id(key): CodeKey(key, NOW - 90 * DAY) for key in keys.values()}
    trusted |= {key_id(old): CodeKey(old, NOW - 90 * DAY, NOW - DAY), key_id(new): CodeKey(new, NOW + DAY)}
    listed = StatusSnapshot(NOW - HOUR, NOW + 2 * DAY, 4, packed())
    usable = {TYPE: "accepted", "PAPER": "required", "OPEN": "unconfirmed"}
    return FieldPack(7, NOW - 2 * HOUR, NOW + 10 * HOUR, NOW - 90, trusted, {URI: listed}, cast("dict[str, object]", usable))  # type: ignore[arg-type]


PACK = plain_pack()
FACES: Mapping[CredentialKind, Mapping[str, str]] = {
    CredentialKind.LICENCE: {
        "type_code": TYPE,
        "holder": "张三丰",
        "number": "3799************11",
        "valid_from": "2021-03-01",
        "valid_to": "2027-02-28",
        "issuer": "烟台市交通运输局（演示）",
    },
    CredentialKind.OFFICER: {
        "name": "王建国",
        "number": "37060010001",
        "agency": "烟台市交通运输综合行政执法支队（演示）",
        "fields": "交通运输",
        "area": "烟台市",
        "area_code": "370600",
        "valid_from": "2024-01-01",
        "valid_to": "2028-12-31",
    },
}
EXPECTED = {CredentialKind.OFFICER: Expect((CredentialKind.OFFICER,))}


def plain(kind: CredentialKind, issuer: str, device: str) -> Case:
    """A good showing."""
    device_key = signer("device", device)
    is_delegated = kind is CredentialKind.DELEGATED
    credential = Credential(
        kind=kind,
        subject=UUID("019aa5e0-7c00-7a5b-8c3d-0123456789ab"),
        issued_at=NOW - DAY,
        expires_at=NOW + 6 * DAY,
        device_key=device_key.public_key,
        face=FACES[CredentialKind.LICENCE if is_delegated else kind],
        status=StatusPlace(URI, 0),
        file_digest=b"" if kind is CredentialKind.OFFICER else bytes(range(16)),
        grant=Grant("烟台海云客运有限公司（演示）", "道路运输检查", 9) if is_delegated else None,
    )
    proof = Proof(issued_at=NOW - 5, counter=41, lifetime=30)
    return Case(credential, signer("issuer", issuer), device_key, proof, PACK, expect=EXPECTED.get(kind, Expect()))


def credential(**changes: object) -> Story:
    return lambda case: replace(case, credential=replace(case.credential, **changes))  # type: ignore[arg-type]


def proof(**changes: object) -> Story:
    return lambda case: replace(case, proof=replace(case.proof, **changes))  # type: ignore[arg-type]


def pack(**changes: object) -> Story:
    return lambda case: replace(case, pack=replace(case.pack, **changes))  # type: ignore[arg-type]


def face(**changes: str | None) -> Story:
    def changed(case: Case) -> Case:
        told = {name: value for name, value in {**case.credential.face, **changes}.items() if value is not None}
        return replace(case, credential=replace(case.credential, face=told))

    return changed


def expect(**changes: object) -> Story:
    return lambda case: replace(case, expect=replace(case.expect, **changes))  # type: ignore[arg-type]


def at(now: int, server_time: int | None = NOW - 90, elapsed: int = 90) -> Story:
    return lambda case: replace(case, now=now, device=replace(case.device, server_time=server_time, elapsed=elapsed))


def later(seconds: int) -> Story:
    """The same code scanned later, by a right clock."""
    return at(NOW + seconds, NOW - 90, 90 + seconds)


def status_of(age: int, *, expires: int = 2 * DAY) -> Story:
    return pack(statuses={URI: StatusSnapshot(NOW - age, NOW + expires, 4, packed())})


def place(index: int) -> Story:
    return credential(status=StatusPlace(URI, index))


def signed_by(name: str) -> Story:
    return lambda case: replace(case, issuer=signer(name, "SM2"))


def under_the_issuers_name(case: Case) -> Case:
    """Somebody's key under the key id of the real issuer: the pack's key does not fit the signature."""
    forger = signer("forger", "SM2")
    known = CodeKey(signer("issuer", "ES256").public_key, 0)
    return replace(case, issuer=forger, pack=replace(case.pack, code_keys={key_id(forger.public_key): known}))


def shown_by_another_device(case: Case) -> Case:
    return replace(case, device_key=signer("thief", "ES256"))


def seen_before(case: Case) -> Case:
    report = case.judge()
    showing = report.code.showing if report.code else ""
    return replace(case, device=replace(case.device, seen=(showing, "another:1")))


def spoilt(change: Callable[[str], str]) -> Story:
    return lambda case: replace(case, spoil=change)


def both(*stories: Story) -> Story:
    def told(case: Case) -> Case:
        for story in stories:
            case = story(case)
        return case

    return told


CHALLENGE, OTHER_CHALLENGE = bytes(range(8)), bytes(range(1, 9))
WRONG_KIND = expect(kinds=(CredentialKind.OFFICER,))

STORIES: Mapping[str, tuple[str, Story]] = {
    # name: (the reason that comes first, "" for none; what is different)
    "good": ("", lambda case: case),
    "good for this act": ("", both(proof(audience=ACT, match_number=4711), expect(audience=ACT))),
    "good over the challenge": ("", both(proof(challenge=CHALLENGE), expect(challenge=CHALLENGE))),
    "good on its last second": ("", later(30 - 5 + 60)),
    "good without an end": ("", face(valid_to=None)),
    "good on its last day": ("expiring_soon", face(valid_to="2026-11-22")),
    "ends in a month": ("expiring_soon", face(valid_to="2026-12-22")),
    "one character changed": ("code_unreadable", spoilt(lambda text: text[:40] + ("0" if text[40] != "0" else "1") + text[41:])),
    "cut off": ("code_unreadable", spoilt(lambda text: text[:-3])),
    "one group more": ("code_unreadable", spoilt(lambda text: text + "000")),
    "an address": ("foreign_code", spoilt(lambda text: f"https://example.com/{text}")),
    "in lower case": ("foreign_code", spoilt(str.lower)),
    "somebody else's code": ("foreign_code", spoilt(lambda _: "RC-SBX-0123456789ABCDEFGHJKMNPQRS")),
    "a key nobody named": ("issuer_unknown", signed_by("stranger")),
    "signed by another under the issuer's name": ("code_forged", under_the_issuers_name),
    "a distrusted key": ("issuer_distrusted", signed_by("old")),
    "a key not yet trusted": ("issuer_distrusted", signed_by("new")),
    "credential of tomorrow": ("credential_not_yet_valid", credential(issued_at=NOW + 61)),
    "credential of yesterday": ("credential_expired", credential(expires_at=NOW - 1)),
    "credential in its last second": ("", credential(expires_at=NOW)),
    "shown by another device": ("proof_forged", shown_by_another_device),
    "a minute late": ("code_expired", later(30 - 5 + 61)),
    "an hour late": ("code_expired", later(HOUR)),
    "shown ahead of time": ("code_from_future", proof(issued_at=NOW + 61)),
    "for another act": ("wrong_audience", both(proof(audience=ACT), expect(audience="YT-2026-1122-000013"))),
    "for an act, scanned outside of one": ("wrong_audience", proof(audience=ACT)),
    "challenge not answered": ("challenge_missing", expect(challenge=CHALLENGE)),
    "another challenge answered": ("challenge_mismatch", both(proof(challenge=OTHER_CHALLENGE), expect(challenge=CHALLENGE))),
    "seen before": ("code_used", seen_before),
    "clock an hour ahead": ("clock_wrong", at(NOW + HOUR)),
    "clock an hour behind": ("clock_wrong", at(NOW - HOUR)),
    "clock a month ahead": ("clock_wrong", at(NOW + 30 * 24 * HOUR)),
    "clock 61 seconds ahead": ("clock_wrong", at(NOW + 61)),
    "clock 61 seconds behind": ("clock_wrong", at(NOW, NOW - 29)),
    "no server was ever heard": ("clock_wrong", at(NOW, None)),
    "pack of yesterday": ("pack_stale", pack(expires_at=NOW - 1)),
    "pack of tomorrow": ("pack_stale", pack(issued_at=NOW + 61)),
    "not yet in force": ("not_yet_effective", face(valid_from="2026-11-23")),
    "ended yesterday": ("expired", face(valid_to="2026-11-21")),
    "a day that is none": ("face_unreadable", face(valid_to="2026-02-30")),
    "a day in words": ("face_unreadable", face(valid_to="长期")),
    "revoked": ("revoked", place(1)),
    "suspended": ("suspended", place(2)),
    "transferred": ("transferred_out", place(3)),
    "withdrawn": ("withdrawn", place(4)),
    "cancelled": ("cancelled", place(5)),
    "superseded": ("superseded", place(6)),
    "lost": ("lost", place(7)),
    "a status without a meaning": ("status_unknown", place(8)),
    "outside of the list": ("status_unknown", place(16)),
    "a list the pack does not have": ("status_unknown", credential(status=StatusPlace("https://elsewhere.example/", 0))),
    "status of the day before yesterday": ("status_stale", status_of(25 * HOUR)),
    "status list lapsed": ("status_stale", status_of(HOUR, expires=-1)),
    "revoked in an old list": ("revoked", both(place(1), status_of(90 * DAY, expires=-DAY))),
}
LICENCE_STORIES: Mapping[str, tuple[str, Story]] = {
    "the wrong kind": ("wrong_code_kind", WRONG_KIND),
    "not on the list": ("not_on_list", face(type_code="NOBODY")),
    "without a type": ("not_on_list", face(type_code=None)),
    "the physical one is required": ("physical_required", face(type_code="PAPER")),
    "the question is open": ("physical_unconfirmed", face(type_code="OPEN")),
}
OFFICER_STORIES: Mapping[str, tuple[str, Story]] = {
    "a licence is wanted": ("wrong_code_kind", expect(kinds=(CredentialKind.LICENCE,))),
    "status of nine hours ago": ("status_stale", status_of(9 * HOUR)),
}
DELEGATED_STORIES: Mapping[str, tuple[str, Story]] = {
    **{
        f"the grant is no more, place {index}": (
            "delegation_ended",
            credential(grant=Grant("烟台海云客运有限公司（演示）", "道路运输检查", index)),
        )
        for index in (1, 2, 4)
    },
    "the grant's place is unknown": (
        "status_unknown",
        credential(grant=Grant("烟台海云客运有限公司（演示）", "道路运输检查", 99)),
    ),
    "both are bad, the licence's word comes first": (
        "revoked",
        both(place(1), credential(grant=Grant("烟台海云客运有限公司（演示）", "道路运输检查", 4), status=StatusPlace(URI, 1))),
    ),
    "delegated showing not wanted": ("wrong_code_kind", expect(kinds=(CredentialKind.LICENCE,))),
}
KINDS: Mapping[str, tuple[CredentialKind, tuple[tuple[str, str], ...], Mapping[str, tuple[str, Story]]]] = {
    "licence": (CredentialKind.LICENCE, (("SM2", "ES256"), ("ES256", "ES256"), ("SM2", "SM2")), LICENCE_STORIES),
    "officer": (CredentialKind.OFFICER, (("SM2", "ES256"), ("ES256", "ES256")), OFFICER_STORIES),
    "delegated": (CredentialKind.DELEGATED, (("SM2", "ES256"),), {**LICENCE_STORIES, **DELEGATED_STORIES}),
}


def cases() -> dict[str, tuple[str, Case]]:
    """Every case by name, with the reason that must come first."""
    found: dict[str, tuple[str, Case]] = {}
    for label, (kind, keys, own) in KINDS.items():
        for issuer, device in keys:
            for name, (reason, story) in {**STORIES, **own}.items():
                found[f"{label} {issuer}/{device}: {name}"] = (reason, story(plain(kind, issuer, device)))
    return found


def pack_json(told: FieldPack) -> dict[str, object]:
    """Write a pack as both readers read it."""
    return {
        "number": told.number,
        "issued_at": told.issued_at,
        "expires_at": told.expires_at,
        "beacon": told.beacon,
        "code_keys": {
            name.hex(): {
                "algorithm": "SM2" if isinstance(key.key, SM2PublicKey) else "ES256",
                "point": key.key.point.hex(),
                "trusted_from": key.trusted_from,
                "distrusted_since": key.distrusted_since,
            }
            for name, key in told.code_keys.items()
        },
        "statuses": {
            uri: {"issued_at": one.issued_at, "expires_at": one.expires_at, "bits": one.bits, "packed": one.packed.hex()}
            for uri, one in told.statuses.items()
        },
        "usable": dict(told.usable),
        "limits": {
            "officer_status_max_age": told.limits.officer_status_max_age,
            "licence_status_max_age": told.limits.licence_status_max_age,
            "clock_tolerance": told.limits.clock_tolerance,
        },
    }


def text() -> str:
    """Give the file's text; equal packs are written once."""
    packs: list[dict[str, object]] = []
    rows: list[dict[str, object]] = []
    for name, (_reason, case) in cases().items():
        told = pack_json(case.pack)
        if told not in packs:
            packs.append(told)
        report = case.judge()
        rows.append(
            {
                "name": name,
                "text": case.text(),
                "pack": packs.index(told),
                "now": case.now,
                "device": {
                    "server_time": case.device.server_time,
                    "elapsed": case.device.elapsed,
                    "seen": list(case.device.seen),
                },
                "expect": {
                    "kinds": [kind.value for kind in case.expect.kinds],
                    "audience": case.expect.audience,
                    "challenge": case.expect.challenge.hex(),
                },
                "verdict": report.verdict.canonical().decode(),
                "face": dict(report.code.credential.face) if report.code else None,
                "showing": report.code.showing if report.code else None,
            }
        )
    return json.dumps({"packs": packs, "cases": rows}, ensure_ascii=False, indent=0) + "\n"


if __name__ == "__main__":
    TARGET.write_text(text(), encoding="utf-8")
