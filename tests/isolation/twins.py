"""The two cities at work: every team opens an inspection, scans, keeps and writes, so that there is something to cross into."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg

from liangzheng.crypto.p256 import P256PrivateKey
from liangzheng.server.postgres import EmbeddedPostgres
from tests.isolation.world import KEEPING, OFFICERS, PASSWORD
from tests.journeys.conftest import CLI
from tests.journeys.devices import Queue, base64url, enrol
from tests.journeys.packs import start_shift
from tests.journeys.phones import Phone, show_and_open

Values = dict[str, str]
HOLDERS = ("driver", "firm")
WORDS = ("driver_name", "driver_code", "driver_number", "firm_code", "firm_number")
"""Values of a team that nobody else may ever read; its ids count, too."""
PUBLIC = {"agency"}


@dataclass(slots=True)
class Team:
    """One team: its values by name, and a signed-in phone for each of its people."""

    values: Values
    phones: dict[str, Phone] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The name of the team."""
        return self.values["key"]

    def secrets(self) -> frozenset[str]:
        """What may not be found in an answer to somebody of another team: ids of its rows, and words of its people."""
        ids = {value for name, value in self.values.items() if name not in PUBLIC and len(value) == 36 and value.count("-") == 4}
        return frozenset(ids | {self.values[name] for name in WORDS})


@dataclass(slots=True)
class Twins:
    """The data folder with both cities, and the address of a server on it."""

    folder: Path
    address: str
    teams: tuple[Team, ...]

    def phone(self, team: Team, who: str, address: str = "") -> Phone:
        """Give a person's phone at a server; the session is the same at every server on this folder."""
        if who not in team.phones:
            team.phones[who] = _sign_in(self.address, f"{team.key}-{who}")
        known = team.phones[who]
        if not address or address == self.address:
            return known
        other = Phone(address)
        other.http.cookies = known.http.cookies
        return other


def _sign_in(address: str, username: str) -> Phone:
    phone = Phone(address)
    phone.post("/session", {"username": username, "password": PASSWORD})
    return phone


def build_world(environment: Mapping[str, str], *words: str) -> list[Values]:
    """Put the teams into the database, or with a number that many planted people."""
    command = [sys.executable, "-m", "tests.isolation.world", *words]
    done = subprocess.run(command, env=dict(environment), check=True, stdout=subprocess.PIPE, text=True)
    made: list[Values] = json.loads(done.stdout)
    return made


def live(twins: Twins) -> None:
    """Let every team work for a day."""
    for team in twins.teams:
        _offline(twins, team)
        _inspect(twins, team)
        _hold(twins, team)
        _supervise(twins, team)
    environment = os.environ | {"LIANGZHENG_DATA": str(twins.folder), "LIANGZHENG_DEMO": "1"}
    subprocess.run([*CLI, "log", "seal"], env=environment, check=True, stdout=subprocess.DEVNULL)
    for team in twins.teams:
        _complain(twins.phone(team, "driver"), team.values)


def _open(officer: Phone, second: str) -> Values:
    wish = {"subject": "coach", "place": "演示路段", "second_officer": second, "asks": {"plate": "鲁F0D101"}}
    opened = officer.post("/acts", wish)
    return {"act": opened["id"], "act_code": opened["act_code"]}


def _offline(twins: Twins, team: Team) -> None:
    """Scan without signal before anybody has shown a badge: the server finds a difference."""
    officer = twins.phone(team, "officer")
    early = _open(officer, team.values["second_id"])
    queue = Queue.of(officer, P256PrivateKey.generate())
    queue.scan(early["act"], "https://ymt.example.cn/resident/9f8e7d6c5b4a")
    queue.upload()
    team.values |= {"early_act": early["act"], "device": queue.device, "finding": officer.get("/findings")[0]["id"]}
    team.values["event"] = base64url(queue.events[0])


def _inspect(twins: Twins, team: Team) -> None:
    officer, second, values = twins.phone(team, "officer"), twins.phone(team, "second"), team.values
    values |= _open(officer, values["second_id"])
    show_and_open(twins.address, values["act"], officer, second)
    code = twins.phone(team, "driver").post(f"/my/licences/{values['driver_licence']}/code")
    scan = officer.scan(values["act"], code["text"])
    assert scan["licence"]["holder_name"] == values["driver_name"], "control: the officer who scanned sees the party"
    values["scan"] = scan["id"]
    values["exhibit"] = officer.post(f"/acts/{values['act']}/scans/{values['scan']}/exhibit")["id"]
    values["document"] = officer.post(f"/acts/{values['act']}/record")["documents"][0]["id"]
    values["part"] = start_shift(officer).manifest.parts[0].digest.hex()
    act = officer.get(f"/acts/{values['act']}")
    values["field"] = next(item["field"] for item in act["values"] if item["editable"] and item["kind"] == "empty")
    values["requirement"] = act["checklist"][0]["requirement"]["id"]


def _hold(twins: Twins, team: Team) -> None:
    firm, values = twins.phone(team, "firm"), team.values
    delegation = {
        "licence": values["firm_licence"],
        "to_user": values["driver_user"],
        "purpose": "演示",
        "until": values.setdefault("until", (datetime.now(UTC) + timedelta(days=30)).isoformat()),
    }
    values["delegation"] = firm.post("/my/delegations", delegation)["id"]
    values["driver_device"] = enrol(_sign_in(twins.address, values["driver_user"]), P256PrivateKey.generate())


def _supervise(twins: Twins, team: Team) -> None:
    """Ask for a delayed display, an emergency access, a post and an answer; raise an alarm."""
    officer, values = twins.phone(team, "officer"), team.values
    for name in ("waiting", "late"):
        opened = _open(officer, values["second_id"])
        values[f"{name}_act"] = opened["act"]
        show_and_open(twins.address, opened["act"], officer, twins.phone(team, "second"))
        code = twins.phone(team, "firm").post(f"/my/licences/{values['firm_licence']}/code")
        values[f"{name}_scan"] = officer.scan(opened["act"], code["text"])["id"]
    wish = {"scan": values["waiting_scan"], "days": 5, "basis": "hinders_duty", "reason": "演示"}
    values["delay"] = officer.post(f"/acts/{values['waiting_act']}/display-delays", wish)["id"]
    officer.post(f"/acts/{values['act']}/break-glass", {"reason": "演示：当事人都没有带手机", "minutes": 5})
    supervisor = twins.phone(team, "supervisor")
    values["access"] = supervisor.get("/supervision/break-glass")[0]["id"]
    question = {"agency": values["agency"], "question": "演示", "days": 5, "act": values["act"]}
    supervisor.post("/supervision/inquiries", question)
    values["inquiry"] = supervisor.get("/supervision/inquiries")[0]["id"]
    values["alarm"] = supervisor.get("/supervision/alarms")[0]["id"]
    post = {"username": values["second_user"], "post": "archivist", "reason": "演示"}
    values["grant"] = twins.phone(team, "administrator").post("/posts", post)["id"]
    ways = officer.get(f"/acts/{values['act']}/look-ups")["ways"]
    values["person_requirement"] = next(way["requirement"] for way in ways if "person" in way["ways"])
    values["until_later"] = (datetime.now(UTC) + timedelta(days=30, hours=8)).isoformat()


def _complain(driver: Phone, values: Values) -> None:
    uses = [use for use in driver.get("/my/uses") if use["act_code"] == values["act_code"]]
    values["use"], values["use2"] = (use["id"] for use in uses[:2])
    for name, kind in (("petition", "objection"), ("petition2", "objection"), ("petition3", "correction")):
        wish = {"use": values["use"], "kind": kind, "text": "演示", "field": "number"}
        values[name] = driver.post("/my/petitions", wish)["id"]


def everybody(twins: Twins) -> Iterator[tuple[Team, str]]:
    """All accounts: officers, other roles that the product has, holders."""
    for team in twins.teams:
        for who in (*OFFICERS, *KEEPING, *HOLDERS):
            yield team, who


@contextmanager
def without_row_level_security(folder: Path) -> Iterator[None]:
    """Switch it off on every table of the folder's database, until the block ends."""
    find = "SELECT oid::regclass::text FROM pg_class WHERE relrowsecurity"
    with psycopg.connect(EmbeddedPostgres(folder).conninfo("postgres"), autocommit=True) as superuser:
        tables = [str(row[0]) for row in superuser.execute(find).fetchall()]
        assert len(tables) > 10
        for table in tables:
            superuser.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
        try:
            yield
        finally:
            for table in tables:
                superuser.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
