"""Whom the platform trusts, for everybody to read: the trust folder's files, the overview, and a licence's record over time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest

from liangzheng.formats.status_list import read_status_list
from liangzheng.formats.trust_list import read_trust_list
from liangzheng.server.postgres import EmbeddedPostgres
from liangzheng.server.trust_command import main as trust_command
from liangzheng.server.verify_command import main as verify
from tests.journeys.conftest import City
from tests.journeys.packs import age, start_shift
from tests.journeys.phones import Phone
from tests.journeys.showing import Showing
from tests.journeys.test_packs import DRIVER, judge

TYPES = {
    "root.cer": "application/x-pem-file",
    "trust-list-signer.cer": "application/x-pem-file",
    "demo.crl": "application/pkix-crl",
    "status-list.jwt": "application/statuslist+jwt",
    "status-list.cwt": "application/statuslist+cwt",
    "trust-list.jwt": "application/trustlist+jwt",
}


@pytest.fixture
def database(city: City, city_folder: Path) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """Makes the newest pack old, so that the next one is a new one."""
    del city
    with psycopg.connect(EmbeddedPostgres(city_folder).conninfo("postgres"), autocommit=True) as connection:
        yield connection


def test_every_trust_file_is_public_with_its_media_type(city: City) -> None:
    for name, media_type in TYPES.items():
        answer = httpx.get(f"{city.address}/trust/{name}", timeout=20)
        assert (answer.status_code, answer.headers["content-type"]) == (200, media_type), name
        assert answer.content == (city.folder / "trust" / name).read_bytes()
    der = city.folder / "trust" / "other.crt"
    der.write_bytes(read_trust_list((city.folder / "trust" / "trust-list.jwt").read_bytes()).token.signer.der)
    try:
        assert httpx.get(f"{city.address}/trust/other.crt", timeout=20).headers["content-type"] == "application/pkix-cert"
    finally:
        der.unlink()


@pytest.mark.parametrize("name", ["../keys/root.key.pem", "..%2fkeys%2froot.key.pem", "notes.txt", "columns.json", "absent.pem"])
def test_nothing_else_is_given_out(city: City, name: str) -> None:
    note = city.folder / "trust" / "notes.txt"
    note.write_text("for the operator", "utf-8")
    try:
        answer = httpx.get(f"{city.address}/trust/{name}", timeout=20)
    finally:
        note.unlink()
    assert answer.status_code == 404 or answer.headers["content-type"].startswith("text/html"), "at most the app's own page"
    assert b"PRIVATE" not in answer.content
    assert b"operator" not in answer.content


def test_the_overview_names_roots_lists_and_their_age_to_anybody(city: City) -> None:
    told = Phone(city.address).get("/trust")
    assert [root["name"] for root in told["roots"]] == ["亮证演示根证书（演示）"]
    (listed,) = told["trust_lists"]
    kinds = [entry["kind"] for entry in listed["entries"]]
    assert (kinds.count("issuer"), kinds.count("code_key"), listed["fault"]) == (4, 2, "")
    assert all("演示" in entry["name"] for entry in listed["entries"])
    assert {(item["form"], item["fault"]) for item in told["status_lists"]} == {("jwt", ""), ("cwt", "")}
    jwt = read_status_list((city.folder / "trust" / "status-list.jwt").read_bytes())
    assert {item["size"] for item in told["status_lists"]} == {jwt.size}
    assert all(item["age"] >= 3600 for item in (*told["trust_lists"], *told["status_lists"])), "signed an hour back"
    pin = city.folder / "trust" / "trust-list-signer.cer"
    kept = pin.read_bytes()
    pin.unlink()
    try:
        assert Phone(city.address).get("/trust")["trust_lists"][0]["fault"] == "untrusted_signer"
    finally:
        pin.write_bytes(kept)


def test_a_distrusted_key_of_credentials_reaches_the_phones_with_the_next_pack(
    city: City, database: psycopg.Connection[tuple[object, ...]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    zhang, wang = Showing.of(city.phone("zhang")), city.phone("wang")
    text = zhang.text(zhang.licence(DRIVER))
    code = tmp_path / "code.txt"
    code.write_text(text, "utf-8")
    trust, keys = city.folder / "trust", city.folder / "keys"
    age(database)
    before = start_shift(wang)
    assert judge(text, before)[0] != "invalid"
    assert verify([str(code), "--trust", str(trust)]) == 2, "the key is known, the platform's own status list is not there"
    listed = trust / "trust-list.jwt"
    kept = listed.read_bytes()
    named = ["--key", str(keys / "trust-list-signer.key.pem"), "--cert", str(keys / "trust-list-signer.cer")]
    words = ["distrust", str(listed), "亮证平台离线凭证签发（演示）", "--since", "2026-01-01", "--reason", "演练", *named]
    try:
        assert trust_command(words) == 0
        assert verify([str(code), "--trust", str(trust)]) == 1
        age(database)
        after = start_shift(wang, before)
        assert judge(text, after) == ("invalid", ("issuer_distrusted",))
        assert judge(text, before)[0] != "invalid", "control: the older pack does not know"
    finally:
        listed.write_bytes(kept)
        age(database)
    assert judge(text, start_shift(wang))[0] != "invalid"
    assert "issuer_distrusted" in capsys.readouterr().out


def test_a_holder_sees_the_record_its_history_and_its_versions(city: City) -> None:
    ma = city.phone("ma")
    (revoked,) = [item for item in ma.get("/my/licences") if item["reason"] == "revoked"]
    told = ma.get(f"/my/licences/{revoked['id']}/record")
    assert [(item["status"], bool(item["source_status"])) for item in told["history"]] == [("valid", True), ("revoked", True)]
    assert told["history"][1]["note"]
    assert told["record"]["certificateTypeCode"] == revoked["type_code"]
    assert told["record"]["certificateHolderName"] == "马骏"
    haiyun = city.phone("haiyun")
    for item in haiyun.get("/my/licences"):
        if item["reason"] == "superseded":
            versions = haiyun.get(f"/my/licences/{item['id']}/record")["versions"]
            assert [(version["version"], version["status"]) for version in versions] == [("001", "superseded"), ("002", "valid")]
            break
    else:
        pytest.fail("the city has a permit with two versions")


def test_nobody_elses_record_is_shown(city: City) -> None:
    licence = city.phone("ma").get("/my/licences")[0]["id"]
    assert city.phone("ma").get(f"/my/licences/{licence}/record")["record"], "control: his own is"
    assert city.phone("liu").problem("GET", f"/my/licences/{licence}/record") == (404, "licence_not_found")
    assert city.phone("wang").problem("GET", f"/my/licences/{licence}/record") == (403, "not_your_role")
    assert Phone(city.address).problem("GET", f"/my/licences/{licence}/record") == (403, "not_signed_in")
