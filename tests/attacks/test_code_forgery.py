"""A forger with every tool but the keys: values changed and written anew, parts exchanged, algorithms confused.

Each mutant is a well-formed code, so that no parser alone catches it. Controls: with one check switched off, its mutants get
through; so it is that check that holds them.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from random import Random
from typing import cast
from unittest import mock

import pytest
from hypothesis import settings

from dev.vectors_offline import ACT, EXPECTED, NOW, PACK, plain
from liangzheng.codes import offline_code
from liangzheng.codes.offline_code import (
    CREDENTIAL_DOMAIN,
    Credential,
    CredentialKind,
    MalformedOfflineCode,
    PrivateKey,
    Proof,
    key_id,
    make_credential,
    make_proof,
    proof_domain,
    write_offline_code,
)
from liangzheng.crypto.p256 import P256PrivateKey
from liangzheng.crypto.sm2 import SM2PrivateKey
from liangzheng.formats.cbor import CborKey, CborValue, Tagged, decode, encode
from liangzheng.formats.cose import ALGORITHM, KEY_ID, Algorithm, write_sign1
from liangzheng.verification.field_pack import CodeKey, FieldPack
from liangzheng.verification.offline import DeviceState, Expect, judge_offline
from liangzheng.verification.verdict import Standing, Verdict

MUTANTS = settings().max_examples * 25  # of each kind: 1,250 and 50,000
ISSUERS: Mapping[str, PrivateKey] = {"SM2": SM2PrivateKey.generate(), "ES256": P256PrivateKey.generate()}
DEVICES: Mapping[str, PrivateKey] = {"SM2": SM2PrivateKey.generate(), "ES256": P256PrivateKey.generate()}
TRUSTED: FieldPack = replace(PACK, code_keys={key_id(key.public_key): CodeKey(key.public_key, 0) for key in ISSUERS.values()})
SHOWN = Proof(issued_at=NOW - 5, counter=41, lifetime=30, audience=ACT, match_number=4711)
Parts = tuple[bytes, bytes]
FORMS = [(kind, issuer, device) for kind in CredentialKind for issuer in ISSUERS for device in DEVICES]


def judge(parts: Parts, kind: CredentialKind, pack: FieldPack = TRUSTED) -> Verdict | None:
    """Judge credential and proof as scanned; None: they do not even fit into a code."""
    try:
        text = write_offline_code(*parts)
    except (offline_code.TextTooLong, MalformedOfflineCode):
        return None
    expect = replace(EXPECTED.get(kind, Expect((kind,))), audience=ACT)
    return judge_offline(text, pack, now=NOW, device=DeviceState(NOW - 90, 90), expect=expect).verdict


def is_accepted(parts: Parts, kind: CredentialKind, pack: FieldPack = TRUSTED) -> bool:
    verdict = judge(parts, kind, pack)
    return verdict is not None and verdict.standing is Standing.VALID_OFFLINE


def told(kind: CredentialKind, issuer: str, device: str) -> Credential:
    return replace(plain(kind, issuer, device).credential, device_key=DEVICES[device].public_key)


def good(kind: CredentialKind, issuer: str, device: str) -> Parts:
    credential = make_credential(told(kind, issuer, device), ISSUERS[issuer])
    return credential, make_proof(SHOWN, credential, DEVICES[device])


GOOD = {form: good(*form) for form in FORMS}


@pytest.mark.parametrize("form", FORMS)
def test_the_originals_are_good(form: tuple[CredentialKind, str, str]) -> None:
    assert is_accepted(GOOD[form], form[0])


# --- values changed, everything written anew, nothing signed anew ----------------------------------------------------------


def members(message: bytes) -> tuple[bytes, CborValue, bytes]:
    """Take a message apart: protected header, payload decoded, signature."""
    tagged = decode(message, tags=frozenset({18}), sorted_keys=False)
    assert isinstance(tagged, Tagged)
    headers, _, payload, signature = cast("tuple[bytes, object, bytes, bytes]", tagged.value)
    return headers, decode(payload, sorted_keys=False), signature


def put_together(headers: bytes, payload: CborValue, signature: bytes) -> bytes:
    return encode(Tagged(18, (headers, {}, encode(payload), signature)))


def changed(value: CborValue, draw: Random) -> CborValue:
    """Change one value somewhere inside, in a way that a forger might want."""
    if isinstance(value, Mapping):
        name = draw.choice(sorted(value, key=str))
        return {**value, name: changed(value[name], draw)}
    if isinstance(value, tuple):
        place = draw.randrange(len(value))
        return (*value[:place], changed(value[place], draw), *value[place + 1 :])
    if isinstance(value, int) and not isinstance(value, bool):
        return abs(value + draw.choice((-86_400, -1, 1, 7, 60, 86_400, 31_536_000)))
    return not value if isinstance(value, bool) else changed_text(value, draw)


def changed_text(value: CborValue, draw: Random) -> CborValue:
    if not value or not isinstance(value, bytes | str):
        return "x" if isinstance(value, str) else b"12345678"
    place = draw.randrange(len(value))
    if isinstance(value, str):
        return value[:place] + draw.choice("0189王李张三AZ-") + value[place + 1 :]
    return value[:place] + bytes((value[place] ^ 1 << draw.randrange(8),)) + value[place + 1 :]


def mutated(message: bytes, draw: Random) -> bytes:
    headers, payload, signature = members(message)
    what = draw.randrange(8)
    if what == 0:
        return put_together(headers, payload, cast("bytes", changed(signature, draw)))
    if what == 1:
        return put_together(encode(changed(decode(headers), draw)), payload, signature)
    return put_together(headers, changed(payload, draw), signature)


def campaign(place: int, count: int, seed: int) -> Iterator[tuple[CredentialKind, Parts]]:
    """Change the credential (0) or the proof (1) of every form in turn; a proof for a changed credential is the device's own."""
    draw = Random(seed)  # noqa: S311 - a campaign that can be repeated
    for number in range(count):
        kind, issuer, device = FORMS[number % len(FORMS)]
        credential, proof = GOOD[kind, issuer, device]
        if place == 1:
            yield kind, (credential, mutated(proof, draw))
            continue
        forged = mutated(credential, draw)
        signing = DEVICES[device]
        try:
            yield kind, (forged, make_proof(SHOWN, forged, signing))
        except MalformedOfflineCode:
            continue


ORIGINALS = {part for parts in GOOD.values() for part in parts}


@pytest.mark.parametrize("place", [0, 1], ids=["credential", "proof"])
def test_no_changed_value_is_accepted(place: int, capsys: pytest.CaptureFixture[str]) -> None:
    caught = Counter[str]()
    for kind, parts in campaign(place, MUTANTS, seed=place):
        if parts[place] in ORIGINALS:
            continue  # the change came out as no change
        verdict = judge(parts, kind)
        first = "code_readable" if verdict is None else next(c.id for c in verdict.checks if c.result in {"fail", "unknown"})
        caught[first] += 1
        assert verdict is None or verdict.standing is not Standing.VALID_OFFLINE
    with capsys.disabled():
        sys.stdout.write(
            f"\n    {'proof' if place else 'credential'}: {caught.total()} mutants, 0 accepted; {dict(caught.most_common())}\n"
        )
    assert caught.total() > MUTANTS * 0.9
    assert caught["holder_proof" if place else "credential_signature"] > MUTANTS // 10


@pytest.mark.parametrize(("place", "protection"), [(0, "is_issued_by"), (1, "is_proved")], ids=["credential", "proof"])
def test_without_the_signature_they_get_through(place: int, protection: str) -> None:
    off = mock.PropertyMock(return_value=True) if protection == "is_proved" else lambda _self, _key: True
    with mock.patch.object(offline_code.UnverifiedOfflineCode, protection, off):
        accepted = sum(is_accepted(parts, kind) for kind, parts in campaign(place, 300, seed=place))
    assert accepted > 30, "control"


# --- algorithms and keys exchanged -----------------------------------------------------------------------------------------


def relabelled(message: bytes, algorithm: int) -> bytes:
    """The same message said to be of another algorithm."""
    headers, payload, signature = members(message)
    said = dict(cast("Mapping[CborKey, CborValue]", decode(headers)))
    return put_together(encode({**said, ALGORITHM: algorithm}), payload, signature)


def resigned(message: bytes, key: PrivateKey, *, name: bytes, external: bytes) -> bytes:
    """Signed by the forger's key, which is said to be another's."""
    return write_sign1(encode(members(message)[1]), key, protected={KEY_ID: name} if name else {}, external_data=external)


@pytest.mark.parametrize("form", FORMS)
def test_algorithm_confusion(form: tuple[CredentialKind, str, str]) -> None:
    kind, issuer, device = form
    credential, proof = GOOD[form]
    others = [-7, -8, -65537, -35, -257, 5, 0, 1]
    for algorithm in others:
        if algorithm != (Algorithm.SM2 if issuer == "SM2" else Algorithm.ES256):
            forged = relabelled(credential, algorithm)
            assert not is_accepted((forged, make_proof(SHOWN, forged, DEVICES[device])), kind)
        if algorithm != (Algorithm.SM2 if device == "SM2" else Algorithm.ES256):
            assert not is_accepted((credential, relabelled(proof, algorithm)), kind)
    for forger in (SM2PrivateKey.generate(), P256PrivateKey.generate()):
        for name in (key_id(ISSUERS["SM2"].public_key), key_id(ISSUERS["ES256"].public_key)):
            forged = resigned(credential, forger, name=name, external=CREDENTIAL_DOMAIN)
            assert not is_accepted((forged, make_proof(SHOWN, forged, DEVICES[device])), kind)
        mine = resigned(proof, forger, name=b"", external=proof_domain(credential))
        assert not is_accepted((credential, mine), kind)


def test_a_key_the_forger_brings_along_is_nobodys() -> None:
    """The credential is genuine in every way, by a key of which nobody has heard; control: the pack that names it believes it."""
    forger = SM2PrivateKey.generate()
    credential = make_credential(told(CredentialKind.OFFICER, "SM2", "ES256"), forger)
    parts = credential, make_proof(SHOWN, credential, DEVICES["ES256"])
    assert not is_accepted(parts, CredentialKind.OFFICER)
    named = replace(TRUSTED, code_keys={key_id(forger.public_key): CodeKey(forger.public_key, 0)})
    assert is_accepted(parts, CredentialKind.OFFICER, named)


def test_the_parts_of_two_codes_do_not_go_together() -> None:
    """His credential with another's proof, whether by another device or for another credential of the same one."""
    for kind, issuer, device in FORMS:
        credential, _ = GOOD[kind, issuer, device]
        for (other_kind, other_issuer, other_device), (_, proof) in GOOD.items():
            same = (kind, issuer, device) == (other_kind, other_issuer, other_device)
            assert is_accepted((credential, proof), kind) is same


@pytest.mark.parametrize("audience", ["370600-20261125-ZZZZZZ", ACT.lower(), f"{ACT} ", f" {ACT}", ACT[:-1], f"{ACT}\u200b", "*"])
def test_a_showing_for_another_act(audience: str) -> None:
    """Control: without an audience anybody may take it, with this act's we may."""
    credential, _ = GOOD[CredentialKind.LICENCE, "SM2", "ES256"]
    for named, accepted in ((audience, False), ("", True), (ACT, True)):
        proof = make_proof(replace(SHOWN, audience=named), credential, DEVICES["ES256"])
        assert is_accepted((credential, proof), CredentialKind.LICENCE) is accepted


def test_a_licence_is_no_badge_and_a_badge_no_licence() -> None:
    for (kind, _, _), parts in GOOD.items():
        for wanted in CredentialKind:
            assert is_accepted(parts, wanted) is (kind is wanted)
