"""The field pack over HTTP: signed, its parts named by digest, deltas; and an off-line code judged by it without a server."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from liangzheng.crypto.sm2 import SM2PrivateKey
from liangzheng.server.postgres import EmbeddedPostgres
from liangzheng.verification.offline import DeviceState, Expect, judge_offline
from liangzheng.verification.pack_wire import MalformedPack, read_manifest
from tests.journeys.conftest import City
from tests.journeys.devices import Queue
from tests.journeys.packs import Shift, age, pinned, start_shift
from tests.journeys.phones import Phone
from tests.journeys.showing import Showing

DRIVER = "道路运输从业人员从业资格证"


@pytest.fixture
def later(city: City, city_folder: Path) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """Makes the newest issue old, so that the next one is a new one."""
    del city
    with psycopg.connect(EmbeddedPostgres(city_folder).conninfo("postgres"), autocommit=True) as connection:
        yield connection


def judge(text: str, shift: Shift) -> tuple[str, tuple[str, ...]]:
    """Judge without a server."""
    now = int(time.time())
    device = DeviceState(server_time=shift.manifest.beacon, elapsed=now - shift.manifest.beacon)
    verdict = judge_offline(text, shift.pack, now=now, device=device, expect=Expect()).verdict
    return verdict.standing.value, verdict.reasons


def test_a_code_is_judged_by_the_pack_and_a_lost_phone_by_the_next_one(
    city: City, later: psycopg.Connection[tuple[object, ...]]
) -> None:
    wang, zhang = city.phone("wang"), Showing.of(city.phone("zhang"))
    licence = zhang.licence(DRIVER)
    age(later)
    shift = start_shift(wang)
    standing, reasons = judge(zhang.text(licence), shift)
    assert standing in {"valid_offline", "cannot_confirm"}
    assert set(reasons) <= {"physical_unconfirmed", "physical_required", "expiring_soon"}, "nothing against the code itself"
    city.phone("zhang").post(f"/devices/{zhang.device}/revoke", {"reason": "遗失"})
    assert "lost" not in judge(zhang.text(licence), shift)[1], "control: the old pack cannot know"
    age(later)
    after = start_shift(wang, shift)
    assert after.manifest.number > shift.manifest.number
    assert judge(zhang.text(licence), after) == ("invalid", ("lost",))


def test_the_manifest_is_signed_anew_at_each_delivery_and_is_not_rolled_back(
    city: City, later: psycopg.Connection[tuple[object, ...]]
) -> None:
    wang = city.phone("wang")
    key = pinned(wang)
    first = wang.send("GET", "/pack").content
    again = wang.send("GET", "/pack").content
    assert read_manifest(first, key).number == read_manifest(again, key).number
    age(later)
    newer = read_manifest(wang.send("GET", "/pack").content, key)
    with pytest.raises(MalformedPack):
        read_manifest(first, key, newer_than=newer.number)
    with pytest.raises(MalformedPack):
        read_manifest(first, SM2PrivateKey.generate().public_key)
    for place in range(0, len(first), 7):
        changed = bytearray(first)
        changed[place] ^= 1
        with pytest.raises(MalformedPack):
            read_manifest(bytes(changed), key)


def test_packs_are_for_whoever_is_signed_in_and_their_parts_are_nothing_else(city: City) -> None:
    for path in ("/pack", "/pack/key", f"/pack/parts/{'0' * 64}"):
        assert Phone(city.address).problem("GET", path) == (403, "not_signed_in")
    assert city.phone("zhang").send("GET", "/pack").is_success, "a holder checks officers by it"
    wang = city.phone("wang")
    photo = max((city.folder / "objects").rglob("*")).name
    assert wang.problem("GET", f"/pack/parts/{photo}") == (404, "pack_part_not_found"), "an object of the store is no part"
    queue = Queue.of(city.phone("wang"))
    assert queue.phone.send("GET", "/pack").is_success
    wang.post(f"/devices/{queue.device}/revoke", {"reason": "遗失"})
    assert queue.phone.problem("GET", "/pack") == (401, "device_revoked")
