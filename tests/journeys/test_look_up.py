"""依职能查询: nobody shows a code, and the officers look the licence up: judged, filled, logged and seen like a scan."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from liangzheng.server.postgres import EmbeddedPostgres
from tests.journeys.conftest import City
from tests.journeys.looking_up import CODES, by_number, by_person, by_plate, by_uscc, open_act, options, requirement
from tests.journeys.phones import Json, Phone, open_coach_act

ZHANG = ("张三丰", CODES["zhang"])


@pytest.fixture(scope="module")
def wang(city: City) -> Phone:
    return city.phone("wang")


@pytest.fixture(scope="module")
def li(city: City) -> Phone:
    return city.phone("li")


@pytest.fixture(scope="module")
def act(city: City, wang: Phone, li: Phone) -> str:
    return open_act(city, wang, li)


def superuser(city: City) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(EmbeddedPostgres(city.folder).conninfo("postgres"), autocommit=True)


def test_the_driver_without_a_phone_is_looked_up_by_name_and_number_and_sees_it(city: City, wang: Phone, act: str) -> None:
    driver = requirement(wang, act, "person")
    found = wang.post(f"/acts/{act}/look-ups", by_person(*ZHANG, wanted=driver))
    assert (found["method"], found["verdict"]["standing"]) == ("lookup", "valid")
    assert "not_presented" in found["verdict"]["reasons"], "the screen says that nobody presented it"
    checks = [check["id"] for check in found["verdict"]["checks"]]
    assert checks[0] == "looked_up"
    assert {"file_intact", "issuer_trusted", "in_validity", "status"} <= set(checks), "judged like a scanned one"
    assert CODES["zhang"] not in str(found), "the number is masked again"
    record = wang.get(f"/acts/{act}?full=true")
    assert next(value["value"] for value in record["values"] if value["field"] == "person_name") == "张三丰"
    uses = [use for use in city.phone("zhang").get("/my/uses") if use["act_code"] == record["act_code"]]
    seen = next(use for use in uses if use["action"] == "look_up")
    assert seen["action_label"] == "依职能查询"
    assert seen["officer_certificate_number"]
    assert "没有手机" in seen["purpose"]
    assert "个人信息保护法第三十四条" in seen["legal_basis"]
    assert "待法制机构确认" in seen["legal_basis"]
    assert "持证主体代码" in seen["fields"]


def test_a_coach_is_found_by_plate_and_colour_a_firm_by_its_code_and_any_licence_by_its_number(wang: Phone, act: str) -> None:
    vehicle, operator, driver = (requirement(wang, act, way) for way in ("plate", "uscc", "person"))
    coach = wang.post(f"/acts/{act}/look-ups", by_plate("鲁F·0D101", "黄色", wanted=vehicle))
    firm = wang.post(f"/acts/{act}/look-ups", by_uscc(CODES["haiyun"].lower(), wanted=operator))
    assert {coach["licence"]["type_label"], firm["licence"]["type_label"]} == {"道路运输证", "道路运输经营许可证"}
    assert {coach["licence"]["holder_name"], firm["licence"]["holder_name"]} == {"烟台海云客运有限公司（演示）"}
    again = wang.post(f"/acts/{act}/look-ups", by_number(coach["licence"]["number_masked"], wanted=vehicle))
    assert again["licence"]["id"] == coach["licence"]["id"]
    of_driver = wang.post(f"/acts/{act}/look-ups", by_number(CODES["zhang"], wanted=driver))
    assert of_driver["licence"]["holder_name"] == "张三丰", "a driver's licence bears his number"


@pytest.mark.parametrize(
    ("name", "code"),
    [("张三", CODES["zhang"]), ("刘明远", CODES["zhang"]), ("张三丰", CODES["liu"]), ("查无此人", "370799199001010011")],
)
def test_a_wrong_name_finds_as_little_as_a_wrong_number(wang: Phone, act: str, name: str, code: str) -> None:
    found = wang.post(f"/acts/{act}/look-ups", by_person(name, code, wanted=requirement(wang, act, "person")))
    assert (found["verdict"]["standing"], found["licence"]) == ("cannot_confirm", None)
    assert found["verdict"]["reasons"] == ["look_up_none", "not_presented"]


def test_the_wrong_colour_is_another_vehicle(wang: Phone, act: str) -> None:
    found = wang.post(f"/acts/{act}/look-ups", by_plate("鲁F0D101", "蓝色", wanted=requirement(wang, act, "plate")))
    assert found["licence"] is None


def test_the_same_request_is_one_look_up(wang: Phone, act: str) -> None:
    body, key = by_person(*ZHANG, wanted=requirement(wang, act, "person")), str(uuid4())
    before = options(wang, act)["allowance"]["used"]
    first = wang.post(f"/acts/{act}/look-ups", body, key=key)
    assert wang.post(f"/acts/{act}/look-ups", body, key=key)["id"] == first["id"]
    assert options(wang, act)["allowance"]["used"] == before + 1


def test_nothing_can_be_asked_for_that_the_act_does_not_need(wang: Phone, act: str) -> None:
    driver, vehicle = requirement(wang, act, "person"), requirement(wang, act, "plate")
    path, good = f"/acts/{act}/look-ups", by_person(*ZHANG, wanted=driver)
    for changed, code in (
        ({"requirement": "guide.certificate"}, "look_up_not_required"),
        ({"requirement": vehicle}, "look_up_way_unknown"),
        ({"ground": "curiosity"}, "look_up_ground_unknown"),
        ({"id_number": "12345"}, "look_up_unreadable"),
        ({"fields": ["KZ_ZZ", "KZ_DAH"]}, "invalid_input"),
        ({"purpose": "evidence"}, "invalid_input"),
        ({"by": "name"}, "invalid_input"),
        ({"by": "number", "number": " "}, "look_up_unreadable"),
    ):
        assert wang.problem("POST", path, good | changed) == (422, code), changed
    names = {field["name"] for field in wang.post(path, good)["licence"]["fields"]}
    assert "KZ_ZZ" not in names, "the address on the licence is no field of an inspection"
    assert "KZ_DAH" not in names


# --- without an open act: 0 possible ---------------------------------------------------------------------------------------


def test_no_look_up_without_an_open_act_of_ones_own(city: City, wang: Phone, li: Phone, act: str) -> None:
    body = by_person(*ZHANG, wanted=requirement(wang, act, "person"))
    not_shown = str(open_coach_act(wang)["id"])
    zhou, zhao, zhang, qian = (city.phone(name) for name in ("zhou", "zhao", "zhang", "qian"))
    tried: list[tuple[Phone, str, int, str]] = [
        (wang, str(uuid4()), 404, "act_not_found"),
        (wang, not_shown, 409, "officers_not_shown"),
        (zhou, act, 404, "act_not_found"),
        (zhao, act, 404, "act_not_found"),
        (qian, act, 404, "act_not_found"),
        (zhang, act, 403, "not_your_role"),
        (city.phone("song"), act, 403, "not_your_role"),
        (Phone(city.address), act, 403, "not_signed_in"),
    ]
    for who, where, status, code in tried:
        answer = who.send("POST", f"/acts/{where}/look-ups", body)
        assert (answer.status_code, answer.json()["code"]) in {(status, code), (401, code)}, (where, answer.text)
    assert li.post(f"/acts/{act}/look-ups", body)["licence"], "control: the second officer of the open act may"


def test_an_act_of_yesterday_carries_no_look_ups(city: City, wang: Phone, li: Phone) -> None:
    act = open_act(city, wang, li)
    body = by_person(*ZHANG, wanted=requirement(wang, act, "person"))
    assert wang.post(f"/acts/{act}/look-ups", body)["licence"]
    with superuser(city) as database:
        database.execute("UPDATE cases_act SET opened_at = opened_at - interval '25 hours' WHERE id = %s", [act])
    assert wang.problem("POST", f"/acts/{act}/look-ups", body) == (409, "act_over")
    assert wang.problem("GET", f"/acts/{act}/look-ups") == (409, "act_over")


def test_no_other_operation_takes_a_number_and_gives_a_person(city: City) -> None:
    """Every operation of the document is called by an officer without an act, with every way of naming 张三丰 it could take."""
    document = _document()
    wanted = {
        "name": "张三丰",
        "id_number": CODES["zhang"],
        "number": CODES["zhang"],
        "uscc": CODES["haiyun"],
        "plate": "鲁F0D101",
    }
    wanted |= {
        "plate": "鲁F0D101",
        "by": "person",
        "ground": "no_phone",
        "requirement": "coach.driver",
        "code": CODES["zhang"],
        "colour": "2",
    }
    zhou, tried, spoke = city.phone("zhou"), 0, []
    for path, operations in document["paths"].items():
        for method in operations:
            if path.endswith("/session") or "sign" in path or method == "delete":
                continue
            tried += 1
            address = path.removeprefix("/api/v1")
            for name in [part[1:-1] for part in address.split("/") if part.startswith("{")]:
                address = address.replace(f"{{{name}}}", str(uuid4()))
            answer = zhou.send(method.upper(), address, wanted, params=wanted)
            if answer.is_success and any(value in answer.text for value in ("张三丰", CODES["zhang"], "海云客运")):
                spoke.append((method, path))
    assert tried > 30
    assert spoke == []


def _document() -> Json:
    return json.loads((Path(__file__).parents[2] / "web" / "openapi.json").read_text(encoding="utf-8"))


# --- the quota, and the way out of it --------------------------------------------------------------------------------------


COUNT = """INSERT INTO mandates_lookupcount (id, officer, day, agency_id, region, used, stopped, refused)
  SELECT gen_random_uuid(), u.id, (now() AT TIME ZONE 'Asia/Shanghai')::date, u.agency_id, a.region_id, %s, 0, 0
  FROM people_user u JOIN people_agency a ON a.id = u.agency_id WHERE u.username = %s
  ON CONFLICT (officer, day) DO UPDATE SET used = excluded.used"""


@contextmanager
def nearly_spent(city: City, officer: str, used: int = 49) -> Iterator[None]:
    """Let the officer's day be nearly used up; afterwards it is a new one."""
    with superuser(city) as database:
        database.execute(COUNT, [used, officer])
        yield
        database.execute(COUNT, [0, officer])


def test_two_phones_cannot_both_take_the_last_look_up(city: City, wang: Phone, li: Phone) -> None:
    act = open_act(city, wang, li)
    body = by_person(*ZHANG, wanted=requirement(li, act, "person"))
    li.post(f"/acts/{act}/look-ups", body)
    phones = [city.phone("li") for _ in range(6)]
    answers: list[int] = []
    with nearly_spent(city, "li", 48):
        threads = [
            threading.Thread(target=lambda one=one: answers.append(one.send("POST", f"/acts/{act}/look-ups", body).status_code))
            for one in phones
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(answers) == [200, 200, 409, 409, 409, 409]


def test_scans_of_presented_codes_go_on_when_the_quota_is_spent(city: City, li: Phone, wang: Phone) -> None:
    act = open_act(city, wang, li)
    body = by_person(*ZHANG, wanted=requirement(li, act, "person"))
    with nearly_spent(city, "li", 50):
        assert li.problem("POST", f"/acts/{act}/look-ups", body) == (409, "quota_spent")
        code = city.phone("zhang").code_for("道路运输从业人员从业资格证")["text"]
        assert li.scan(act, code)["verdict"]["standing"] == "valid"
        assert options(li, act)["allowance"]["used"] == 50
