"""Personal values that stand nowhere else are planted, read back, and then searched for wherever data comes to rest.

`make test` plants 30 values, `make prove` 500.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from hypothesis import settings
from playwright.sync_api import BrowserContext, Page, sync_playwright

from liangzheng.server.machine import find_chromium
from liangzheng.server.postgres import EmbeddedPostgres
from tests.isolation.haystacks import browser_store, dump, hits, needles
from tests.isolation.matrix import plain
from tests.isolation.twins import Twins, Values, build_world
from tests.isolation.world import PASSWORD
from tests.journeys.browser import FLAGS
from tests.journeys.phones import Json, Phone, show_and_open

IS_PROOF = settings().max_examples >= 2000  # the profile of `make prove`
PEOPLE = 100 if IS_PROOF else 6
KINDS = ("name", "code", "number", "phone", "address")
SOURCES = {"licences", "photos", "sandbox", "trust"}  # what the demo city is made of; no planted value is there


@pytest.fixture(scope="module")
def planted(twins: Twins) -> list[Values]:
    """The people, in the database."""
    environment = os.environ | {"LIANGZHENG_DATA": str(twins.folder), "LIANGZHENG_DEMO": "1"}
    return build_world(environment, str(PEOPLE))


@pytest.fixture
def chromium(tmp_path: Path) -> Iterator[BrowserContext]:
    """A phone whose profile lies on disk."""
    found = find_chromium()
    assert found.found, found.advice
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            tmp_path / "profile",
            executable_path=found.found,
            headless=True,
            args=FLAGS,
            viewport={"width": 390, "height": 844},
            locale="zh-CN",
        )
        context.set_default_timeout(20_000)
        yield context
        context.close()


def read_back(twins: Twins, planted: list[Values]) -> None:
    """Let everybody read his own record, and an officer scan everybody and write them down."""
    officer, second = (twins.phone(twins.teams[0], who) for who in ("officer", "second"))
    wish: Json = {"subject": "coach", "second_officer": twins.teams[0].values["second_id"]}
    wish |= {"place": planted[0]["address"], "asks": {"plate": planted[0]["number"][:7]}}
    act = officer.post("/acts", wish)
    show_and_open(twins.address, act["id"], officer, second)
    for person in planted:
        phone = Phone.of(twins.address, person["user"])
        record = plain(phone.send("GET", f"/my/licences/{person['licence']}/record"))
        assert [kind for kind in KINDS if person[kind] not in record] == [], "each value is read back first"
        code = phone.post(f"/my/licences/{person['licence']}/code")
        scan = officer.scan(act["id"], code["text"])
        assert scan["licence"]["holder_name"] == person["name"]
        officer.post(f"/acts/{act['id']}/scans/{scan['id']}/exhibit")
    by_hand = {"requirement": act["checklist"][0]["requirement"]["id"], "holder_name": planted[1]["name"]}
    officer.post(f"/acts/{act['id']}/physical", {**by_hand, "number": planted[1]["code"], "note": planted[1]["phone"]})
    officer.put(f"/acts/{act['id']}/values/{twins.teams[0].values['field']}", {"value": planted[2]["address"], "reason": ""})
    officer.post(f"/acts/{act['id']}/record")
    assert planted[1]["name"] not in plain(officer.send("GET", f"/acts/{act['id']}"))


def look(context: BrowserContext, twins: Twins, person: Values) -> Page:
    """Use the web app as this holder: his licences and a code on the screen."""
    page = context.pages[0]
    page.goto(twins.address)
    page.get_by_test_id("login-username").first.fill(person["user"])
    page.get_by_test_id("login-password").first.fill(PASSWORD)
    page.get_by_test_id("login-submit").first.click()
    page.wait_for_url("**/holder")
    page.get_by_text(person["name"]).first.wait_for()
    return page


def test_no_planted_value_rests_anywhere_in_the_clear(
    twins: Twins, planted: list[Values], chromium: BrowserContext, tmp_path: Path
) -> None:
    read_back(twins, planted)
    page = look(chromium, twins, planted[0])
    store = tmp_path / "store.txt"
    store.write_text(browser_store(page), encoding="utf-8")
    assert "seal" in store.read_text(encoding="utf-8") or store.stat().st_size > 100, "the app keeps something"
    values = [person[kind] for person in planted for kind in KINDS]
    searched = needles(values, tmp_path / "needles")
    with psycopg.connect(EmbeddedPostgres(twins.folder).conninfo("postgres"), autocommit=True) as superuser:
        dump(superuser, tmp_path / "dump.sql")
        found = [line for place in places(twins.folder, tmp_path) for line in hits(place, searched)]
        print(f"{len(values)} values planted, {len(found)} files with a hit")  # noqa: T201 - figures to report
        assert not found
        superuser.execute("CREATE TABLE plain AS SELECT %s::text AS name", [planted[0]["name"]])
        try:
            dump(superuser, tmp_path / "dump.sql")
            seen = " ".join(line for place in places(twins.folder, tmp_path) for line in hits(place, searched))
        finally:
            superuser.execute("DROP TABLE plain")
    assert "dump.sql" in seen, "control: a column that is not encrypted is found in the dump"
    assert "/base/" in seen, "… in the table's own pages"
    assert "/pg_wal/" in seen, "… and in the write-ahead log"
    page.evaluate("name => localStorage.setItem('plain', name)", planted[0]["name"])
    store.write_text(browser_store(page), encoding="utf-8")
    assert hits(store, searched), "control: what a page keeps in the clear is found"


def places(folder: Path, mine: Path) -> list[Path]:
    """Give the dump, the server's pages and logs, objects, keys, our logs, and the browser's profile and stores."""
    ours = [path for path in folder.iterdir() if path.name not in SOURCES]
    assert {"objects", "postgres", "serve.log"} <= {path.name for path in ours}
    return [*ours, mine / "dump.sql", mine / "profile", mine / "store.txt"]
