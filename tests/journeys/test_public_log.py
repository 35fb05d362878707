"""The public log of a running city: a driver holds the proof of who looked, and anyone can check the whole log."""

from __future__ import annotations

import base64
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from liangzheng.auditlog.merkle import is_consistent
from liangzheng.auditlog.note import MalformedNote, NoteKey, read_checkpoint, read_key, read_note
from liangzheng.auditlog.receipt import read_receipt
from tests.journeys.conftest import CLI, City
from tests.journeys.phones import Json, Phone, open_coach_act, show_and_open

DRIVER = "道路运输从业人员从业资格证"


def command(city: City, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the log on the city's machine."""
    return subprocess.run([*CLI, "log", *words], env=city.environment, capture_output=True, text=True, check=False, timeout=60)


def seal(city: City) -> None:
    done = command(city, "seal")
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def wang(city: City) -> Phone:
    return city.phone("wang")


@pytest.fixture(scope="module")
def act(city: City, wang: Phone) -> Json:
    act = open_coach_act(wang)
    show_and_open(city.address, act["id"], wang, city.phone("li"))
    wang.scan(act["id"], city.phone("zhang").code_for(DRIVER)["text"])
    return act


def use_in(phone: Phone, act: Json) -> Json:
    return next(use for use in phone.get("/my/uses") if use["act_code"] == act["act_code"] and use["action"] == "scan")


def keys_of(city: City) -> list[NoteKey]:
    return [read_key(vkey) for vkey in httpx.get(f"{city.address}/api/v1/log").json()["keys"]]


def test_the_driver_gets_a_receipt_that_anyone_can_check_off_line(city: City, act: Json) -> None:
    zhang = city.phone("zhang")
    if (use := use_in(zhang, act))["log_index"] is None:
        assert zhang.problem("GET", f"/my/uses/{use['id']}/receipt") == (409, "entry_not_sealed")
    began = time.monotonic()
    seal(city)
    assert time.monotonic() - began < 60, "within a minute"
    use = use_in(zhang, act)
    answer = zhang.send("GET", f"/my/uses/{use['id']}/receipt")
    assert answer.headers["content-disposition"] == f'attachment; filename="{use["id"]}.tlog-proof"'
    receipt = read_receipt(answer.content)
    assert receipt.encoded == answer.content
    checkpoint, witnesses = receipt.verify(keys_of(city))
    assert (receipt.index, witnesses) == (use["log_index"], [])
    assert checkpoint.size > receipt.index
    assert act["act_code"] in receipt.entry.decode()
    assert "张" not in receipt.entry.decode(), "no personal data, only keys and names of fields"
    lies = (
        replace(receipt, entry=receipt.entry.replace(b'"valid"', b'"other"')),
        replace(receipt, salt=bytes(32)),
        replace(receipt, index=receipt.index ^ 1),
        replace(receipt, proof=receipt.proof[1:]),
        replace(receipt, note=replace(receipt.note, text=receipt.note.text.replace(b"\n", b"x\n", 1))),
    )
    for lie in lies:
        with pytest.raises(MalformedNote):
            lie.verify(keys_of(city))
    with pytest.raises(MalformedNote):
        receipt.verify([])


def test_receipts_are_for_the_person_concerned(city: City, act: Json) -> None:
    seal(city)
    use = use_in(city.phone("zhang"), act)
    assert city.phone("liu").problem("GET", f"/my/uses/{use['id']}/receipt") == (404, "use_not_found")
    assert city.phone("wang").send("GET", f"/my/uses/{use['id']}/receipt").status_code in {401, 403}
    assert httpx.get(f"{city.address}/api/v1/my/uses/{use['id']}/receipt").status_code in {401, 403}


def test_anyone_verifies_the_whole_log_over_http_and_the_operator_its_rows(city: City, act: Json, tmp_path: Path) -> None:
    seal(city)
    before = httpx.get(f"{city.address}/log/checkpoint")
    older = tmp_path / "older"
    older.write_bytes(before.content)
    city.phone("zhang").code_for(DRIVER)
    wang = city.phone("wang")
    wang.scan(act["id"], city.phone("zhang").code_for(DRIVER)["text"])
    seal(city)
    keys = [word for key in keys_of(city) for word in ("--key", key.vkey)]
    done = command(city, "verify", f"{city.address}/log", *keys, "--since", str(older))
    assert done.returncode == 0, done.stdout + done.stderr
    assert command(city, "verify", f"{city.address}/log").returncode == 2, "without a key nobody says who signed"
    own = command(city, "verify")
    assert own.returncode == 0, own.stdout + own.stderr
    sizes = [
        read_checkpoint(read_note(data).text)
        for data in (older.read_bytes(), httpx.get(f"{city.address}/log/checkpoint").content)
    ]
    answer = httpx.get(f"{city.address}/api/v1/log/consistency", params={"old": sizes[0].size, "new": sizes[1].size}).json()
    proof = [base64.b64decode(step) for step in answer["proof"]]
    assert is_consistent(sizes[0].size, sizes[1].size, sizes[0].root, sizes[1].root, proof)
    wrong = httpx.get(f"{city.address}/api/v1/log/consistency", params={"old": 1, "new": 10**9})
    assert (wrong.status_code, wrong.json()["code"]) == (409, "log_size_unknown")
    forged = tmp_path / "forged"
    forged.write_bytes(older.read_bytes().replace(str(sizes[0].size).encode(), str(sizes[0].size + 1).encode(), 1))
    assert command(city, "verify", f"{city.address}/log", *keys, "--since", str(forged)).returncode == 1


def test_only_the_logs_own_files_are_served(city: City) -> None:
    seal(city)
    size = read_checkpoint(read_note(httpx.get(f"{city.address}/log/checkpoint").content).text).size
    tile = httpx.get(f"{city.address}/log/tile/0/000.p/{size}" if size < 256 else f"{city.address}/log/tile/0/000")
    assert "immutable" in tile.headers["cache-control"]
    assert httpx.get(f"{city.address}/log/checkpoint").headers["cache-control"] == "public, max-age=1"
    for name in ("tile", "tile/0/0", "tile/0/x000/000", "tile/0/000.p/256", "tile/64/000", "..%2fkeys%2flog-sm2.pem", ".x"):
        assert httpx.get(f"{city.address}/log/{name}").status_code == 404, name
    assert httpx.post(f"{city.address}/log/checkpoint").status_code in {403, 405}


def test_a_log_nobody_named_is_not_witnessed_here(city: City) -> None:
    note = "log.example/unknown\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n\N{EM DASH} log.example/unknown AAAAAAAA\n"
    body = f"old 0\n\n{note}".encode()
    assert httpx.post(f"{city.address}/witness/add-checkpoint", content=body).status_code == 404
    assert httpx.post(f"{city.address}/witness/add-checkpoint", content=b"x" * 70_000).status_code == 413
    assert httpx.get(f"{city.address}/witness/add-checkpoint").status_code == 405
