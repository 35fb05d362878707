"""Credentials for showing without signal: for the own device only, minimal, a week long, with a place in the status list."""

from __future__ import annotations

import base64
from datetime import datetime, timedelta

import pytest

from liangzheng.codes.offline_code import (
    CREDENTIAL_DOMAIN,
    Credential,
    CredentialKind,
    Proof,
    make_proof,
    read_credential,
    read_offline_code,
    write_offline_code,
)
from liangzheng.crypto.p256 import P256PrivateKey
from liangzheng.crypto.sm2 import SM2PrivateKey
from tests.journeys.conftest import City
from tests.journeys.devices import DeviceKey, enrol
from tests.journeys.phones import Json, Phone


def credentials(phone: Phone, device: str) -> list[tuple[Json, bytes, Credential]]:
    """Fetch and read a device's credentials."""
    found = []
    for item in phone.post(f"/devices/{device}/credentials")["credentials"]:
        data = base64.urlsafe_b64decode(item["credential"] + "=" * (-len(item["credential"]) % 4))
        found.append((item, data, read_credential(data)[0]))
    return found


@pytest.mark.parametrize("key", [P256PrivateKey.generate(), SM2PrivateKey.generate()], ids=["ES256", "SM2"])
def test_a_holder_gets_what_he_may_show_for_his_own_device(city: City, key: DeviceKey) -> None:
    zhang = city.phone("zhang")
    device = enrol(zhang, key)
    found = credentials(zhang, device)
    shown = {item["id"] for item in zhang.get("/my/licences") if not item["reason"]}
    assert {item["licence"] for item, _, _ in found} == shown
    ours = SM2PrivateKey.from_pem((city.folder / "keys" / "credential-sm2.pem").read_bytes()).public_key
    for item, data, credential in found:
        message = read_credential(data)[1]
        assert message.is_signed_by(ours, external_data=CREDENTIAL_DOMAIN)
        assert not message.is_signed_by(SM2PrivateKey.generate().public_key, external_data=CREDENTIAL_DOMAIN), "control"
        assert credential.device_key == key.public_key
        assert credential.expires_at - credential.issued_at == int(timedelta(days=7).total_seconds())
        assert datetime.fromisoformat(item["renew_after"]) < datetime.fromisoformat(item["expires_at"])
        assert set(credential.face) <= {"type_code", "name", "holder", "number", "valid_from", "valid_to", "issuer"}
        assert credential.status is not None
        assert len(credential.file_digest) == 16
        proof = make_proof(Proof(issued_at=0, counter=1, lifetime=60), data, key)
        text = write_offline_code(data, proof)
        assert len(text) <= 900
        assert read_offline_code(text).is_proved
    again = {item["licence"]: credential.status for item, _, credential in credentials(zhang, device)}
    assert again == {item["licence"]: credential.status for item, _, credential in found}, "a place is kept for good"


def test_a_delegated_licence_says_whose_it_is_and_what_for(city: City) -> None:
    zhang = city.phone("zhang")
    found = credentials(zhang, enrol(zhang, P256PrivateKey.generate()))
    entrusted = {item["id"]: item["on_behalf_of"] for item in zhang.get("/my/licences") if item["on_behalf_of"]}
    assert entrusted, "control: the demo city has some"
    for item, _, credential in found:
        is_delegated = item["licence"] in entrusted
        assert (credential.kind is CredentialKind.DELEGATED) is is_delegated
        if credential.grant is not None and credential.status is not None:
            assert credential.grant.giver == entrusted[item["licence"]]
            assert credential.grant.purpose
            assert credential.grant.index != credential.status.index


def test_an_officer_gets_his_certificate_and_nobody_else_does(city: City) -> None:
    wang = city.phone("wang")
    ((item, _, credential),) = credentials(wang, enrol(wang, P256PrivateKey.generate()))
    assert (item["certificate"], credential.kind) == (credential.face["number"], CredentialKind.OFFICER)
    assert credential.face["name"] == "王建国"
    for username in ("zhou", "qian"):  # an expired certificate, an auxiliary
        phone = city.phone(username)
        assert credentials(phone, enrol(phone, P256PrivateKey.generate())) == []


def test_what_is_not_valid_gets_no_credential(city: City) -> None:
    ma = city.phone("ma")
    found = credentials(ma, enrol(ma, P256PrivateKey.generate()))
    bad = {item["id"] for item in ma.get("/my/licences") if item["reason"]}
    assert bad, "control: his qualification is revoked"
    assert not bad & {item["licence"] for item, _, _ in found}


def test_another_ones_or_a_revoked_device_gets_nothing(city: City) -> None:
    zhang, liu = city.phone("zhang"), city.phone("liu")
    device = enrol(zhang, P256PrivateKey.generate())
    assert liu.problem("POST", f"/devices/{device}/credentials") == (404, "device_unknown")
    assert Phone(city.address).problem("POST", f"/devices/{device}/credentials") == (403, "not_signed_in")
    elsewhere = city.phone("zhang")
    elsewhere.post(f"/devices/{device}/revoke", {"reason": "遗失"})
    assert zhang.problem("POST", f"/devices/{device}/credentials") == (401, "device_revoked")
    assert elsewhere.problem("POST", f"/devices/{device}/credentials") == (401, "device_revoked")
