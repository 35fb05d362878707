"""Forty officers, true and false, before a party: what the party is told, on-line by code and by number, and without signal.

What no page can tell is said where it belongs: a copied code is live for a minute, and names its true owner.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import psycopg
import pytest
from uuid_utils.compat import uuid7

from liangzheng.codes.offline_code import make_credential, make_proof, read_credential, read_offline_code, write_offline_code
from liangzheng.codes.signed import make_code, read_badge_token, read_holder_text
from liangzheng.crypto.p256 import P256PrivateKey
from liangzheng.crypto.sm2 import SM2PrivateKey
from liangzheng.server.postgres import EmbeddedPostgres
from tests.journeys.conftest import City
from tests.journeys.phones import Phone
from tests.journeys.street import LI, WANG, OfficerPhone, Seen, Street, day

Case = Callable[[Street], Seen]
DRIVER = "道路运输从业人员从业资格证"
ASSIGNED = "烟联执（2026）演示7号"
NUMBER = "370600-20261125-ZZZZZZ"


@pytest.fixture(scope="module")
def street(city: City, city_folder: Path) -> Iterator[Street]:
    with psycopg.connect(EmbeddedPostgres(city_folder).conninfo("postgres"), autocommit=True) as source:
        yield Street.of(city, source)


# --- the party scans the code on the officer's phone -----------------------------------------------------------------------


def genuine(street: Street) -> Seen:
    seen = street.scans(street.token(street.act(shown=0)))
    assert WANG in seen.page
    assert "拒绝" in seen.page, "what the party may refuse"
    return seen


def altered(street: Street) -> Seen:
    token = street.token(street.act(shown=0))
    return street.scans(token[:60] + ("A" if token[60] != "A" else "B") + token[61:])


def printed_by_a_forger(street: Street) -> Seen:
    code = read_badge_token(street.token(street.act(shown=0)))
    return street.scans(make_code("badge", code.code_id, datetime.now(UTC), 60, SM2PrivateKey.generate()).badge_token())


def nonsense(street: Street) -> Seen:
    return street.scans("行政执法证" * 20)


def a_licence_code(street: Street) -> Seen:
    """Signed by the platform, and fresh; but it was made to show a licence."""
    code = read_holder_text(street.zhang.phone.code_for(DRIVER)["text"])
    return street.scans(code.badge_token())


def screenshot_after_a_minute(street: Street) -> Seen:
    code = read_badge_token(street.token(street.act(shown=0)))
    long_ago = datetime.now(UTC) - timedelta(seconds=61)
    return street.scans(make_code("badge", code.code_id, long_ago, 60, street.platform).badge_token())


def never_issued(street: Street) -> Seen:
    return street.scans(make_code("badge", uuid7(), datetime.now(UTC), 60, street.platform).badge_token())


def with_news(**news: object) -> Case:
    """The badge was shown in good order; then the source learns something, and the party opens the page."""

    def case(street: Street) -> Seen:
        token = street.token(street.act(shown=0))
        assert street.scans(token).state == "valid", "control: good until the news"
        with street.certificate("wang", **news):
            seen = street.scans(token)
        assert "可以拒绝" in seen.page, "what the party may do stands there"
        assert "请与执法人员手机上的号码核对" not in seen.page
        return seen

    return case


def sent_here_by_a_document(street: Street) -> Seen:
    with street.certificate("wang", area_code="370200", area="青岛市"):
        seen = street.scans(street.token(street.act(shown=0, assignment=ASSIGNED)))
    assert ASSIGNED in seen.page
    assert "青岛市" in seen.page
    return seen


def borrowed_phone(street: Street) -> Seen:
    """A stranger holds 李海霞's phone: the page shows her name and her picture."""
    token = street.token(street.act(shown=0), street.li)
    seen = street.scans(token)
    assert LI in seen.page
    assert WANG not in seen.page
    assert f"/b/{token}/photo" in seen.page
    return seen


def copied_by_a_second_person(street: Street) -> Seen:
    """Live for a minute, and still 王建国's: the copyist has neither the face nor, on his own screen, the match number."""
    act = street.act(shown=0)
    seen = street.scans(street.token(act))
    mine = next(row for row in act["officers"] if row["is_me"])
    assert mine["match_number"] in seen.page
    assert seen.page.count("照片与本人一致") == 1
    return seen


def code_of_another_act(street: Street) -> Seen:
    here, elsewhere = street.act(shown=0), street.act(shown=0)
    seen = street.scans(street.token(elsewhere))
    assert elsewhere["act_code"] in seen.page
    assert here["act_code"] not in seen.page
    return seen


# --- the party types the number of the inspection --------------------------------------------------------------------------


def none_shown(street: Street) -> Seen:
    return street.types(street.act(shown=0)["act_code"])


def one_officer_only(street: Street) -> Seen:
    return street.types(street.act(shown=1)["act_code"])


def both_shown(street: Street) -> Seen:
    return street.types(street.act()["act_code"])


def by_number_with_news(**news: object) -> Case:
    def case(street: Street) -> Seen:
        act = street.act()
        with street.certificate("li", **news):
            seen = street.types(act["act_code"])
        assert "可以拒绝检查" in seen.page
        assert "check-confirm" not in seen.page
        return seen

    return case


def both_sent_by_a_document(street: Street) -> Seen:
    with street.certificate("li", fields=["文化和旅游"]):
        seen = street.types(street.act(assignment=ASSIGNED)["act_code"])
    assert ASSIGNED in seen.page
    assert "平台没有核对该文书" in seen.page
    return seen


def unknown_number(street: Street) -> Seen:
    return street.types(NUMBER)


def number_of_yesterday(street: Street) -> Seen:
    act = street.act()
    street.source.execute("UPDATE cases_act SET opened_at = opened_at - interval '25 hours' WHERE id = %s", [act["id"]])
    return street.types(act["act_code"])


def number_of_another_region(street: Street) -> Seen:
    return street.types(f"370200{street.act()['act_code'][6:]}")


def refused(*, who: str, code: str) -> Case:
    """The act never comes about, so there is no number; the one they make up is nobody's."""

    def case(street: Street) -> Seen:
        second = street.wang.get("/session")["me"]["id"] if who == WANG else street.wang.colleague(who)
        assert street.wang.problem("POST", "/acts", street.wish(second)) == (409, code)
        return street.types(NUMBER)

    return case


def refused_with_news(**news: object) -> Case:
    def case(street: Street) -> Seen:
        wish = street.wish(street.wang.colleague(LI))
        with street.certificate("li", **news):
            assert street.wang.problem("POST", "/acts", wish) == (409, "certificate_out_of_scope")
        return street.types(NUMBER)

    return case


def wrong_match_number(street: Street) -> Seen:
    """The man at the door reads out a number; the page has another."""
    act = street.act()
    seen = street.types(act["act_code"])
    shown = {row["match_number"] for row in act["officers"]}
    spoken = next(number for number in ("0000", "1111", "2222") if number not in shown)
    assert all(f'number">{number}<' in seen.page for number in shown)
    assert f'number">{spoken}<' not in seen.page
    return seen


def look_alike_site(street: Street) -> Seen:
    """The forger's code leads to a copy of our page; the number typed at the known address is unknown here."""
    assert street.checks_off_line(f"https://liangzheng.example.evil.example/b/{'A' * 121}").state == "cannot_confirm"
    return street.types(NUMBER)


# --- the party's phone checks without signal -------------------------------------------------------------------------------


def off_line(street: Street) -> Seen:
    seen = street.checks_off_line(OfficerPhone.of(street.city.phone("wang")).text(match=4711))
    assert all(word in seen.page for word in (WANG, "交通运输", "烟台市")), "field and area are there to be compared"
    return seen


def off_line_screenshot(street: Street) -> Seen:
    return street.checks_off_line(OfficerPhone.of(street.city.phone("wang")).text(ago=121))


def off_line_altered(street: Street) -> Seen:
    text = OfficerPhone.of(street.city.phone("wang")).text()
    return street.checks_off_line(text[:80] + ("0" if text[80] != "0" else "1") + text[81:])


def off_line_forged(street: Street) -> Seen:
    """The certificate copied word for word under a forger's own signature, his key named as ours."""
    honest = OfficerPhone.of(street.city.phone("wang"))
    credential, message = read_credential(honest.credential)
    forged = make_credential(credential, SM2PrivateKey.generate())
    key_id = read_credential(forged)[1].protected[4]
    assert isinstance(key_id, bytes)
    true_id = message.protected[4]
    assert isinstance(true_id, bytes)
    renamed = forged.replace(key_id, true_id, 1)
    proof = make_proof(read_offline_code(honest.text()).proof, renamed, honest.key)
    return street.checks_off_line(write_offline_code(renamed, proof))


def off_line_forgers_own_key(street: Street) -> Seen:
    honest = OfficerPhone.of(street.city.phone("wang"))
    forged = make_credential(read_credential(honest.credential)[0], SM2PrivateKey.generate())
    return street.checks_off_line(
        write_offline_code(forged, make_proof(read_offline_code(honest.text()).proof, forged, honest.key))
    )


def off_line_other_phone(street: Street) -> Seen:
    return street.checks_off_line(OfficerPhone.of(street.city.phone("wang")).text(key=P256PrivateKey.generate()))


def off_line_cloned(street: Street) -> Seen:
    """The second man shows a picture of what the first has just shown."""
    text = OfficerPhone.of(street.city.phone("wang")).text()
    assert street.checks_off_line(text).state == "valid_offline"
    return street.checks_off_line(text)


def off_line_lost_phone(street: Street) -> Seen:
    lost = OfficerPhone.of(street.city.phone("wang"))
    street.wang.post(f"/devices/{lost.device}/revoke", {"reason": "遗失"})
    assert street.checks_off_line(lost.text()).state == "valid_offline", "control: this morning's pack cannot know"
    return street.checks_off_line(lost.text(), shift=street.next_pack())


def off_line_suspended(street: Street) -> Seen:
    badge = OfficerPhone.of(street.city.phone("wang"))
    with street.certificate("wang", status="suspended"):
        return street.checks_off_line(badge.text(), shift=street.next_pack())


def off_line_stale_pack(street: Street) -> Seen:
    return street.checks_off_line(OfficerPhone.of(street.city.phone("wang")).text(ago=-13 * 3600), later=13 * 3600)


def off_line_wrong_clock(street: Street) -> Seen:
    return street.checks_off_line(OfficerPhone.of(street.city.phone("wang")).text(), clock=-600)


def off_line_licence(street: Street) -> Seen:
    return street.checks_off_line(street.zhang.text(street.zhang.licence(DRIVER)))


VALID, FORGED, EXPIRED = ("valid", "证件有效"), ("badge_forged", "不是真的执法证件码"), ("badge_expired", "二维码已失效")
NOBODY = ("nobody", "没有查到这次检查")
UNSURE = "现在还不能确认"
CASES: list[tuple[str, Case, tuple[str, str]]] = [
    ("scan: genuine", genuine, VALID),
    ("scan: one character altered", altered, FORGED),
    ("scan: made by a forger", printed_by_a_forger, FORGED),
    ("scan: no code at all", nonsense, FORGED),
    ("scan: a licence's code", a_licence_code, FORGED),
    ("scan: screenshot after a minute", screenshot_after_a_minute, EXPIRED),
    ("scan: never issued", never_issued, EXPIRED),
    ("scan: certificate expired", with_news(valid_to=day(-1)), ("expired", "证件已过期")),
    ("scan: not yet in force", with_news(valid_from=day(1)), ("not_yet_effective", "证件尚未生效")),
    ("scan: suspended a moment ago", with_news(status="suspended"), ("suspended", "证件已暂扣")),
    ("scan: cancelled a moment ago", with_news(status="cancelled"), ("cancelled", "证件已注销")),
    ("scan: a standing we have no word for", with_news(status="frozen"), ("frozen", "证件不能用于执法")),
    ("scan: another field", with_news(fields=["文化和旅游"]), ("out_of_scope", "超出证件执法范围")),
    ("scan: another region", with_news(area_code="370200"), ("out_of_scope", "超出证件执法范围")),
    ("scan: another region, sent by a document", sent_here_by_a_document, VALID),
    ("scan: borrowed phone", borrowed_phone, VALID),
    ("scan: copied by a second person", copied_by_a_second_person, VALID),
    ("scan: code of another act", code_of_another_act, VALID),
    ("number: none shown", none_shown, ("not_shown not_shown", UNSURE)),
    ("number: one officer only", one_officer_only, ("valid not_shown", UNSURE)),
    ("number: both", both_shown, ("valid valid", "两名执法人员证件有效")),
    ("number: one suspended since", by_number_with_news(status="suspended"), ("valid suspended", UNSURE)),
    ("number: one of another region", by_number_with_news(area_code="370200"), ("valid out_of_scope", UNSURE)),
    ("number: joint enforcement", both_sent_by_a_document, ("valid valid", "两名执法人员证件有效")),
    ("number: unknown", unknown_number, NOBODY),
    ("number: of yesterday", number_of_yesterday, NOBODY),
    ("number: of another region", number_of_another_region, NOBODY),
    ("number: the same officer twice", refused(who=WANG, code="same_officer_twice"), NOBODY),
    ("number: an auxiliary as the second", refused(who="钱小军", code="auxiliary_not_counted"), NOBODY),
    ("number: out of field without a document", refused_with_news(fields=["文化和旅游"]), NOBODY),
    ("number: wrong match number", wrong_match_number, ("valid valid", "两名执法人员证件有效")),
    ("number: look-alike site", look_alike_site, NOBODY),
    ("off-line: genuine", off_line, ("valid_offline", "离线有效")),
    ("off-line: screenshot", off_line_screenshot, ("invalid", "出示码已失效，请对方刷新")),
    ("off-line: altered", off_line_altered, ("invalid", "无法识别此码")),
    ("off-line: forged under our name", off_line_forged, ("invalid", "签名无效（疑似伪造）")),
    ("off-line: a phone that is not his", off_line_other_phone, ("invalid", "不是本人手机出示的（疑似伪造）")),
    ("off-line: cloned", off_line_cloned, ("invalid", "出示码已失效：已被使用过")),
    ("off-line: lost phone", off_line_lost_phone, ("invalid", "已挂失")),
    ("off-line: suspended since", off_line_suspended, ("invalid", "已暂扣")),
    ("off-line: stale pack", off_line_stale_pack, ("cannot_confirm", "离线数据包已过期")),
    ("off-line: wrong clock", off_line_wrong_clock, ("cannot_confirm", "本机时间不准")),
    ("off-line: signed by nobody we know", off_line_forgers_own_key, ("cannot_confirm", "不认识签发这张凭证的密钥")),
    ("off-line: a licence for a badge", off_line_licence, ("invalid", "码的种类不对")),
]


@pytest.mark.parametrize(("name", "case", "expected"), CASES, ids=[row[0] for row in CASES])
def test_what_the_party_is_told(street: Street, name: str, case: Case, expected: tuple[str, str]) -> None:
    seen = case(street)
    assert (seen.state, seen.word) == expected, name


def test_there_are_forty_and_every_kind_of_answer_among_them() -> None:
    assert len(CASES) >= 40
    assert len({name for name, _, _ in CASES}) == len(CASES)
    assert {word for _, _, (_, word) in CASES} >= {"证件有效", "两名执法人员证件有效", "离线有效", UNSURE}


def test_who_may_not_act_gets_no_badge_at_all(street: Street) -> None:
    """An auxiliary, a stranger to the act, a suspended officer, a licence holder: there is nothing to show."""
    act = street.act()
    for username, problem in (
        ("qian", (404, "act_not_found")),
        ("zhao", (404, "act_not_found")),
        ("zhang", (403, "not_your_role")),
    ):
        assert street.city.phone(username).problem("POST", f"/acts/{act['id']}/badge") == problem
    with street.certificate("wang", status="suspended"):
        assert street.wang.problem("POST", f"/acts/{act['id']}/badge") == (409, "certificate_suspended")
    assert Phone(street.city.address).problem("POST", f"/acts/{act['id']}/badge") == (403, "not_signed_in")


def test_the_picture_lives_as_long_as_the_code(street: Street) -> None:
    token = street.token(street.act(shown=0))
    old = read_badge_token(token)
    stale = make_code("badge", old.code_id, datetime.now(UTC) - timedelta(seconds=61), 60, street.platform).badge_token()
    pictures = [httpx.get(f"{street.city.address}/b/{one}/photo", timeout=20).status_code for one in (token, stale)]
    assert pictures == [200, 404]


def test_a_document_number_is_kept_and_logged_and_must_be_readable(street: Street) -> None:
    act = street.act(assignment=f"  {ASSIGNED} ")
    assert street.wang.get(f"/acts/{act['id']}")["assignment_number"] == ASSIGNED
    logged = street.source.execute("SELECT result FROM auditlog_logentry WHERE act = %s AND action = 'open_act'", [act["id"]])
    assert logged.fetchall() == [(ASSIGNED,)]
    for bad in ("x" * 61, "烟联执\u202e7号", "a\nb", "\u200b"):
        wish = street.wish(street.wang.colleague(LI), assignment=bad)
        assert street.wang.problem("POST", "/acts", wish) == (422, "invalid_input")


def test_a_certificate_that_ceases_to_cover_the_act_closes_the_gate(street: Street) -> None:
    act = street.act()
    lifted = street.act(assignment=ASSIGNED)
    with street.certificate("li", area_code="370200"):
        blocked = street.wang.get(f"/acts/{act['id']}")["gate"]["blocked"]
        assert "R38" in {hit["rule"] for hit in blocked}
        told = street.wang.get(f"/acts/{lifted['id']}")
        assert "R38" in {hit["rule"] for hit in told["warnings"]}, "a document lifts the block; the remark stays"
        assert "R38" not in {hit["rule"] for hit in told["gate"]["blocked"]}
