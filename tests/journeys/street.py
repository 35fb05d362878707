"""A street where officers meet a party: their phones, the party's browser and phone, and a hand on the certificates' source."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import httpx
import psycopg
from psycopg.sql import SQL, Identifier

from liangzheng.codes.offline_code import CredentialKind, Proof, make_proof, write_offline_code
from liangzheng.crypto.p256 import P256PrivateKey
from liangzheng.crypto.sm2 import SM2PrivateKey
from liangzheng.verification.offline import DeviceState, Expect, judge_offline
from liangzheng.verification.words import words
from tests.journeys.conftest import City
from tests.journeys.devices import enrol
from tests.journeys.packs import Shift, age, start_shift
from tests.journeys.phones import Json, Phone
from tests.journeys.showing import Showing, read_base64url

Superuser = psycopg.Connection[tuple[object, ...]]
WANG, LI = "王建国", "李海霞"


@dataclass(frozen=True, slots=True)
class Seen:
    """What the party sees: the verdict and the big word; `page` is everything else that stands there."""

    state: str
    word: str
    page: str = ""


@dataclass(slots=True)
class OfficerPhone:
    """An officer's phone that shows his certificate without signal."""

    phone: Phone
    key: P256PrivateKey
    device: str
    credential: bytes
    counter: int = 0

    @classmethod
    def of(cls, phone: Phone) -> OfficerPhone:
        """Enrol it and fetch the credential."""
        key = P256PrivateKey.generate()
        device = enrol(phone, key)
        (item,) = phone.post(f"/devices/{device}/credentials")["credentials"]
        return cls(phone, key, device, read_base64url(item["credential"]))

    def text(self, *, ago: int = 0, match: int = 0, key: P256PrivateKey | None = None) -> str:
        """Show the badge, now or some seconds ago; `key`: another phone's."""
        self.counter += 1
        proof = Proof(issued_at=int(time.time()) - ago, counter=self.counter, lifetime=60, match_number=match)
        return write_offline_code(self.credential, make_proof(proof, self.credential, key or self.key))


@dataclass(slots=True)
class Street:
    """Everybody who meets here."""

    city: City
    wang: Phone
    li: Phone
    zhang: Showing
    source: Superuser
    platform: SM2PrivateKey
    shift: Shift
    seen: set[str]

    @classmethod
    def of(cls, city: City, source: Superuser) -> Street:
        """Gather them; 张三丰 has loaded this morning's pack."""
        platform = SM2PrivateKey.from_pem((city.folder / "keys" / "platform-sm2.pem").read_bytes())
        zhang = Showing.of(city.phone("zhang"))
        return cls(city, city.phone("wang"), city.phone("li"), zhang, source, platform, start_shift(zhang.phone), set())

    # --- what officers do ----------------------------------------------------------------------------------------------

    def act(self, *, shown: int = 2, assignment: str = "") -> Json:
        """Open an inspection of a coach; the first `shown` officers show their badges."""
        act = self.wang.post("/acts", self.wish(self.wang.colleague(LI), assignment=assignment))
        for officer in (self.wang, self.li)[:shown]:
            officer.post(f"/acts/{act['id']}/badge")
        return act

    def wish(self, second: str, *, subject: str = "coach", assignment: str = "") -> Json:
        """Fill in the form of a new inspection."""
        asks = {"plate": "鲁F0D101"} if subject == "coach" else {"venue_name": "星澜歌舞厅（演示）", "agency_name": "演示旅行社"}
        wish = {"subject": subject, "place": "演示路段", "second_officer": second, "asks": asks}
        return {**wish, "assignment_number": assignment} if assignment else wish

    def token(self, act: Json, officer: Phone | None = None) -> str:
        """Show a badge and give the token in its QR code."""
        return str((officer or self.wang).post(f"/acts/{act['id']}/badge")["url"].rsplit("/b/", 1)[1])

    # --- what the party does -------------------------------------------------------------------------------------------

    def scans(self, token: str) -> Seen:
        """Open the badge's page with any camera."""
        answer = httpx.get(f"{self.city.address}/b/{quote(token)}", timeout=20)
        state, word = re.search(r'data-state="(\w+)"', answer.text), re.search(r'badge-state">([^<]+)<', answer.text)
        assert state is not None, answer.text[:300]
        assert word is not None
        assert (answer.status_code == 200) is (state[1] not in {"badge_forged", "badge_expired"})
        return Seen(state[1], word[1], answer.text)

    def types(self, number: str) -> Seen:
        """Type the inspection's number into the known address; `state` tells the officers one by one."""
        page = httpx.get(f"{self.city.address}/check", params={"act": number}, timeout=20).text
        word = re.search(r'check-word">([^<]+)<', page)
        assert word is not None
        states = re.findall(r'data-testid="check-officer" data-state="([a-z_]+)"', page)
        return Seen(" ".join(states) or "nobody", word[1], page)

    def checks_off_line(self, text: str, *, clock: int = 0, later: int = 0, shift: Shift | None = None) -> Seen:
        """Scan with 张三丰's phone without signal; its clock is off by `clock`, its pack `later` seconds older."""
        told, now = shift or self.shift, int(time.time()) + later
        device = DeviceState(told.manifest.beacon, now - told.manifest.beacon, frozenset(self.seen))
        report = judge_offline(text, told.pack, now=now + clock, device=device, expect=Expect(kinds=(CredentialKind.OFFICER,)))
        if report.code is not None:
            self.seen.add(report.code.showing)
        verdict, table = report.verdict, words()
        reason = verdict.reasons[0] if verdict.reasons and verdict.standing.value != "valid_offline" else ""
        said = table[reason] if reason else table["standing"][verdict.standing.value]
        face = report.code.credential.face.values() if report.code else ()
        return Seen(verdict.standing.value, said["zh"], " ".join((said.get("cause_zh", ""), *face)))

    def next_pack(self) -> Shift:
        """Load a new pack a while later."""
        age(self.source)
        return start_shift(self.zhang.phone, self.shift)

    # --- what the certificates' source learns --------------------------------------------------------------------------

    @contextmanager
    def certificate(self, username: str, **news: object) -> Iterator[None]:
        """Let the source have news of an officer's certificate until the block ends."""
        where = SQL("officer_id = (SELECT id FROM people_user WHERE username = %s)")
        read = SQL("SELECT {} FROM people_enforcementcertificate WHERE {}").format(SQL(", ").join(map(Identifier, news)), where)
        before = self.source.execute(read, [username]).fetchone()
        assert before is not None
        sets = SQL(", ").join(SQL("{} = %s").format(Identifier(name)) for name in news)
        change = SQL("UPDATE people_enforcementcertificate SET {} WHERE {}").format(sets, where)
        self.source.execute(change, [*news.values(), username])
        try:
            yield
        finally:
            self.source.execute(change, [*before, username])


def day(offset: int) -> object:
    """Give a date from today in Shandong."""
    return (datetime.now(UTC) + timedelta(hours=8, days=offset)).date()
