"""The server is killed again and again while a phone uploads its queue, five times over and shuffled: each event counts once.

`make test` takes a small queue; `make prove` 10,000 events and 20 kills.
"""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import psycopg
from hypothesis import settings
from psycopg import sql

from liangzheng.server.postgres import EmbeddedPostgres
from tests.journeys.conftest import City, free_port, start_server
from tests.journeys.devices import Queue
from tests.journeys.phones import Json, Phone, open_coach_act, show_and_open

FOREIGN = "https://ymt.example.cn/resident/9f8e7d6c5b4a"
IS_PROOF = settings().max_examples >= 2000  # the profile of `make prove`
EVENTS, KILLS, BATCH = (10_000, 20, 200) if IS_PROOF else (240, 2, 40)
COPIES = 5


def batches(queue: Queue, draw: random.Random) -> list[list[bytes]]:
    """Cut the queue into uploads, each of them five times, each shuffled, the copies mixed among neighbours."""
    found: list[list[bytes]] = []
    for start in range(0, len(queue.events), BATCH):
        for _ in range(COPIES):
            batch = queue.events[start : start + BATCH]
            draw.shuffle(batch)
            found.append(batch)
    return found


def send(address: str, queue: Queue, events: Sequence[bytes]) -> Json | None:
    """Upload; None when the server died."""
    try:
        answer = httpx.post(f"{address}/api/v1/queue", json=queue.body(events), timeout=60)
    except httpx.TransportError:
        return None
    return answer.json() if answer.is_success else None


def test_each_event_has_one_effect_however_often_the_server_dies(city: City, city_folder: Path) -> None:
    draw = random.Random(20)  # noqa: S311 - an order that can be repeated
    wang = city.phone("wang")
    act = str(open_coach_act(wang)["id"])
    show_and_open(city.address, act, wang, city.phone("li"))
    queue = Queue.of(city.phone("wang"))
    for _ in range(EVENTS):
        queue.scan(act, FOREIGN)
    work = batches(queue, draw)
    # A copy of a batch that has not been taken in yet does the work, so those are the ones to kill.
    fatal = set(draw.sample(range(0, len(work), COPIES), KILLS))
    port = free_port()
    environment = city.environment | {"LIANGZHENG_PORT": str(port), "LIANGZHENG_WORKERS": "1"}
    deaths, place = 0, 0
    while place < len(work):
        server = start_server(city_folder, environment, port)
        with server as address, ThreadPoolExecutor(1) as pool:
            while place < len(work):
                sent = pool.submit(send, address, queue, work[place])
                if place in fatal:
                    time.sleep(draw.uniform(0.0, 0.2))
                    server.kill()
                    fatal.discard(place)
                    deaths += 1
                answer = sent.result()
                if answer is None:
                    break
                assert answer["gap"] is None
                place += 1
    assert deaths == KILLS
    check(city_folder, queue, act)
    assert Phone.of(city.address, "wang").get(f"/acts/{act}")["scans"][-1]["server_standing"] == "cannot_confirm"
    forget(city_folder, queue)
    assert send(city.address, queue, queue.events[:BATCH]) is not None
    assert scans(city_folder, act) == EVENTS + BATCH, "the control: a server without memory does it twice"


def forget(city_folder: Path, queue: Queue) -> None:
    """Take from the server what it remembers of this device's queue: the chain, and the keys of scans behind it."""
    with psycopg.connect(EmbeddedPostgres(city_folder).conninfo("postgres")) as connection:
        for table in ("onsite_deviceevent", "onsite_devicechain"):
            connection.execute(sql.SQL("DELETE FROM {} WHERE device_id = %s").format(sql.Identifier(table)), [queue.device])
        connection.execute("DELETE FROM verification_scanrequest")


def scans(city_folder: Path, act: str) -> int:
    with psycopg.connect(EmbeddedPostgres(city_folder).conninfo("postgres")) as connection:
        row = connection.execute("SELECT count(*) FROM verification_scan WHERE act = %s", [act]).fetchone()
    assert row is not None
    return int(row[0])


def check(city_folder: Path, queue: Queue, act: str) -> None:
    """Count behind all policies."""
    count = """SELECT (SELECT count(*) FROM onsite_deviceevent WHERE device_id = %(device)s AND state = 'applied'),
      (SELECT count(DISTINCT scan) FROM onsite_deviceevent WHERE device_id = %(device)s),
      (SELECT count(*) FROM verification_scan WHERE act = %(act)s),
      (SELECT count(*) FROM auditlog_logentry WHERE act = %(act)s AND action = 'scan'),
      (SELECT counter FROM onsite_devicechain WHERE device_id = %(device)s)"""
    with psycopg.connect(EmbeddedPostgres(city_folder).conninfo("postgres")) as connection:
        row = connection.execute(count, {"device": queue.device, "act": act}).fetchone()
    assert row == (EVENTS,) * 5
