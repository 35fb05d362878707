"""Without signal, a credential that another issuer signed with ES256: valid on the phone once the trust list names his key."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from playwright.sync_api import Browser, expect

from liangzheng.codes.offline_code import make_credential, read_credential
from liangzheng.crypto.certificates import read_certificate
from liangzheng.crypto.p256 import P256PrivateKey
from liangzheng.crypto.sm2 import SM2PrivateKey
from liangzheng.formats.trust_list import TrustEntry, encode_trust_list, read_trust_list
from tests.journeys.conftest import City
from tests.journeys.showing import Showing
from tests.journeys.test_offline_browser import DRIVER, STANDING_LINE, Shift, age_packs, ready


@contextmanager
def listed(city: City, key: P256PrivateKey) -> Iterator[None]:
    """Let the signed trust list name one more issuer of credentials until the block ends."""
    path, keys = city.folder / "trust" / "trust-list.jwt", city.folder / "keys"
    kept = path.read_bytes()
    before = read_trust_list(kept).unverified
    first = next(entry for entry in before.entries if entry.kind == "code_key")
    entry: TrustEntry = replace(first, name="邻市离线凭证签发（演示）", public_key=key.public_key)
    signer = SM2PrivateKey.from_pem((keys / "trust-list-signer.key.pem").read_bytes())
    more = replace(before, number=before.number + 1, entries=(*before.entries, entry))
    path.write_bytes(encode_trust_list(more, key=signer, signer=read_certificate((keys / "trust-list-signer.cer").read_bytes())))
    age_packs(city.folder)
    try:
        yield
    finally:
        path.write_bytes(kept)
        age_packs(city.folder)


def seen(shift: Shift, text: str) -> tuple[str, str]:
    """Lose the signal, scan, find the signal."""
    shift.lose_signal()
    found = shift.scan(text)
    shift.find_signal()
    return found


def test_an_es256_credential_is_valid_once_its_issuer_is_listed(city: City, browser: Browser, film: Path) -> None:
    issuer, zhang = P256PrivateKey.generate(), Showing.of(city.phone("zhang"))
    licence = zhang.licence(DRIVER)
    shift = ready(city, browser, film)
    credential = make_credential(read_credential(zhang.credentials[licence])[0], issuer)
    assert seen(shift, zhang.text(licence, credential=credential))[0] != "valid_offline", "control: nobody has heard of him"
    assert seen(shift, zhang.text(licence)) == ("valid_offline", "离线有效"), "the platform's own, signed with SM2"
    with listed(city, issuer):
        shift.wang.page.goto("/officer/queue")
        shift.wang.tap("update-now")
        expect(shift.wang.see("update-now")).not_to_have_attribute("aria-busy", "true")
        expect(shift.wang.see(STANDING_LINE)).to_have_attribute("data-pack", "fresh")
        assert seen(shift, zhang.text(licence, credential=credential)) == ("valid_offline", "离线有效")
