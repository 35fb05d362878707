"""Who may do what, and who says so: three administrators, two persons, no auxiliary; certificates and delegations of power."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import product
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from liangzheng.errors import Refused
from liangzheng.people.certificates import selectable
from liangzheng.people.checks import ADMINISTERING, POSTS, THREE, Delegated, delegation_problem, post_problem
from liangzheng.people.models import CertificateEvent, EnforcementCertificate, Officer, PostGrant, User
from liangzheng.people.posts import appoint, posts_of
from liangzheng.storage.tenancy import Scope, acting
from tests.people.conftest import PASSWORD, Browser, Json, Town

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()


@dataclass
class Office:
    """Two security administrators of the platform, and browsers by name."""

    town: Town
    desks: dict[str, Browser]

    def at(self, name: str) -> Browser:
        if name not in self.desks:
            self.desks[name] = Browser.at()
            assert self.desks[name].sign_in(name)[0] == 200
        return self.desks[name]

    def propose(self, by: str, username: str, post: str) -> tuple[int, Json]:
        return self.at(by).post("/posts", {"username": username, "post": post, "reason": "按任职文件（演示）"})

    def grant(self, username: str, post: str) -> None:
        status, row = self.propose("he", username, post)
        assert status == 200, row
        if row["approved_at"] is None:
            assert self.at("xie").post(f"/posts/{row['id']}/approve")[0] == 200


@pytest.fixture
def office(town: Town) -> Office:
    roles = {"he": "administrator", "xie": "administrator", "ding": "administrator", "qiu": "auditor", "yan": "supervisor"}
    for username, role in roles.items():
        town.users[username] = User.objects.create_user(username, PASSWORD, name=f"{username}（演示）", role=role)
    for username in ("he", "xie"):
        appoint(username, "首任（演示）", timezone.now())
    return Office(town, {})


@pytest.mark.usefixtures("office")
def test_the_operator_appoints_two_and_no_third() -> None:
    with pytest.raises(Refused) as refused:
        appoint("ding", "第三名", timezone.now())
    assert refused.value.code == "first_administrators_exist"


def test_a_sensitive_post_holds_only_after_a_second_person(office: Office) -> None:
    status, row = office.propose("he", "ding", "system_admin")
    assert (status, row["approved_at"]) == (200, None)
    ding = office.town.users["ding"].pk
    assert posts_of(ding) == set()
    assert office.at("he").post(f"/posts/{row['id']}/approve")[1]["code"] == "second_person_needed"
    assert office.at("ding").post(f"/posts/{row['id']}/approve")[1]["code"] == "post_needed"
    assert office.at("xie").post(f"/posts/{row['id']}/approve")[0] == 200
    assert posts_of(ding) == {"system_admin"}
    assert office.at("xie").post(f"/posts/{row['id']}/end")[0] == 200
    assert posts_of(ding) == set()


def test_nobody_grants_himself(office: Office) -> None:
    assert office.propose("he", "he", "data_admin")[1]["code"] == "own_account"
    assert office.propose("ding", "ding", "security_admin")[1]["code"] == "post_needed"


@pytest.mark.parametrize("second", THREE)
def test_nobody_holds_two_of_the_three(office: Office, second: str) -> None:
    office.grant("ding", "system_admin")
    status, answer = office.propose("he", "ding", second)
    assert (status, answer["code"]) in {(409, "posts_exclude"), (409, "post_not_for_account")}


def test_nobody_holds_two_of_the_three_by_two_accounts(office: Office) -> None:
    person = uuid4()
    User.objects.filter(username__in=["ding", "qiu"]).update(holder=person)
    office.grant("ding", "system_admin")
    assert office.propose("he", "qiu", "auditor")[1]["code"] == "posts_exclude"


def test_nobody_both_administers_and_audits(office: Office) -> None:
    person = uuid4()
    User.objects.filter(username__in=["ding", "qiu"]).update(holder=person)
    office.grant("qiu", "auditor")
    assert office.propose("he", "ding", "data_admin")[1]["code"] == "posts_exclude"


def test_an_auxiliary_holds_no_post(office: Office) -> None:
    for post in POSTS:
        assert office.propose("he", "qian", post)[1]["code"] == "auxiliary_not_counted"


def test_not_even_raw_sql_grants_oneself_or_two_of_the_three(office: Office) -> None:
    ding, he = office.town.users["ding"].pk, office.town.users["he"].pk
    office.grant("ding", "system_admin")
    insert = (
        "INSERT INTO people_postgrant (id, user_id, post, reason, proposed_by, proposed_at, approved_by, approved_at)"
        " VALUES (%s, %s, %s, 'x', %s, now(), %s, now())"
    )

    def write(user: UUID, post: str, by: UUID, approver: UUID | None) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(insert, [uuid4(), user, post, by, approver])

    rows = [(ding, "auditor", he, None), (ding, "data_admin", ding, None), (ding, "agency_head", he, ding)]
    for row in [*rows, (ding, "supervisor", he, he)]:
        with pytest.raises(IntegrityError):
            write(*row)
    write(ding, "archivist", he, None)  # the control: the statement itself works


def test_the_table_of_posts_in_pairs() -> None:
    for first, second in product(POSTS, POSTS):
        if first == second:
            continue
        [side] = sorted(POSTS[second].sides)[:1]
        refused = post_problem(second, side, {first})
        both_of_three = {first, second} <= set(THREE)
        audits_and_keeps = "auditor" in {first, second} and bool({first, second} & ADMINISTERING)
        assert (refused == "posts_exclude") == (both_of_three or audits_and_keeps), (first, second)


def test_an_administrator_of_one_agency_keeps_no_other(office: Office) -> None:
    User.objects.filter(username="ding").update(agency=office.town.other)
    PostGrant.objects.filter(user=office.town.users["xie"]).update(ended_at=timezone.now())
    appoint("ding", "分管另一机构", timezone.now())
    assert office.propose("ding", "wang", "data_admin")[1]["code"] == "account_not_found"
    assert office.propose("ding", "zhao", "data_admin")[0] == 200


def standing(town: Town, username: str = "wang") -> str:
    with acting(Scope(agency=town.agency.pk, region="370600")):
        return selectable(Officer.objects.get(user__username=username), timezone.now())


def test_a_suspended_certificate_counts_no_longer_until_it_is_resumed(office: Office) -> None:
    office.grant("li", "data_admin")
    decide = "/certificates/3706-wang/decisions"
    assert office.at("wang").post(decide, {"kind": "suspend", "reason": "核查"})[1]["code"] == "post_needed"
    assert office.at("li").post(decide, {"kind": "suspend", "reason": " "})[1]["code"] == "reason_required"
    assert office.at("li").post(decide, {"kind": "suspend", "reason": "投诉核查（演示）"})[1]["standing"] == "suspended"
    assert standing(office.town) == "certificate_suspended"
    assert office.at("li").post(decide, {"kind": "resume", "reason": "核查完毕"})[1]["standing"] == "valid"
    assert standing(office.town) == ""
    office.at("li").post(decide, {"kind": "cancel", "reason": "调离"})
    assert office.at("li").post(decide, {"kind": "resume", "reason": "回来"})[1]["code"] == "certificate_state"
    with acting(Scope(agency=office.town.agency.pk, region="370600")):
        assert list(CertificateEvent.objects.order_by("id").values_list("kind", flat=True)) == ["suspend", "resume", "cancel"]


def test_nobody_decides_on_his_own_certificate_or_another_agencys(office: Office) -> None:
    office.grant("li", "data_admin")
    body = {"kind": "suspend", "reason": "x"}
    assert office.at("li").post("/certificates/3706-li/decisions", body)[1]["code"] == "own_account"
    assert office.at("li").post("/certificates/3706-zhao/decisions", body)[1]["code"] == "certificate_not_found"
    assert office.at("li").post("/certificates/none/decisions", body)[1]["code"] == "certificate_not_found"


def test_a_certificate_whose_yearly_check_ran_out_does_not_count(office: Office) -> None:
    office.grant("li", "data_admin")
    check = "/certificates/3706-wang/annual-check"
    through = (TODAY + timedelta(days=60)).isoformat()
    assert office.at("li").post(check, {"through": through, "reason": "2026年度年审（演示）"})[1]["standing"] == "valid"
    assert standing(office.town) == ""
    with acting(Scope(agency=office.town.agency.pk, region="370600")):
        EnforcementCertificate.objects.filter(number="3706-wang").update(checked_through=TODAY - timedelta(days=1))
    assert standing(office.town) == "certificate_not_valid"
    beyond = (TODAY + timedelta(days=101)).isoformat()
    assert office.at("li").post(check, {"through": beyond, "reason": "x"})[1]["code"] == "certificate_state"


def power(**changed: object) -> dict[str, object]:
    return {
        "delegate": "11379906MADEM00217",
        "powers": ["inspection", "penalty"],
        "matters": ["客运车辆检查（演示）"],
        "area_code": "370600",
        "document_number": "烟交委2026-1号（演示）",
        "published_at": "https://example.invalid/1",
        "valid_from": (TODAY - timedelta(days=1)).isoformat(),
        "valid_to": (TODAY + timedelta(days=300)).isoformat(),
    } | changed


def test_a_delegate_acts_only_under_a_written_delegation(office: Office) -> None:
    town = office.town
    office.grant("li", "legal_reviewer")
    town.other.basis = "delegated"
    town.other.save()

    def zhao() -> str:
        with acting(Scope(agency=town.other.pk, region="370600")):
            return selectable(Officer.objects.get(user__username="zhao"), timezone.now())

    assert zhao() == "delegation_not_valid"
    status, row = office.at("li").post("/powers", power())
    assert status == 200, row
    assert zhao() == ""
    assert office.at("zhao").post(f"/powers/{row['id']}/revoke")[1]["code"] == "post_needed"
    assert office.at("li").post(f"/powers/{row['id']}/revoke")[0] == 200
    assert zhao() == "delegation_not_valid"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"powers": ["coercion"]}, "coercion_not_delegable"),
        ({"powers": []}, "delegation_incomplete"),
        ({"matters": []}, "delegation_incomplete"),
        ({"matters": [" "]}, "delegation_incomplete"),
        ({"document_number": " "}, "delegation_incomplete"),
        ({"published_at": "javascript:alert(1)"}, "delegation_incomplete"),
        ({"valid_to": "2020-01-01"}, "delegation_incomplete"),
        ({"valid_to": "2099-01-01"}, "delegation_incomplete"),
        ({"area_code": "370200"}, "delegation_incomplete"),
        ({"delegate": "11379906MADEM00110"}, "delegate_not_found"),
    ],
)
def test_an_incomplete_delegation_is_refused(office: Office, changed: dict[str, object], code: str) -> None:
    office.grant("li", "legal_reviewer")
    office.town.other.basis = "delegated"
    office.town.other.save()
    assert office.at("li").post("/powers", power(**changed))[1]["code"] == code


def test_what_a_delegation_covers() -> None:
    given = Delegated(("inspection",), "transport", "370600", TODAY, TODAY, is_revoked=False)
    cases = {
        ("inspection", "transport", "370612"): "",
        ("penalty", "transport", "370612"): "delegation_not_valid",
        ("inspection", "culture_tourism", "370612"): "delegation_not_valid",
        ("inspection", "transport", "370200"): "delegation_not_valid",
        ("coercion", "transport", "370612"): "coercion_not_delegable",
    }
    assert {case: delegation_problem([given], *case, TODAY) for case in cases} == cases
    assert delegation_problem([given], "inspection", "transport", "370600", TODAY + timedelta(days=1)) == "delegation_not_valid"
    nowhere = Delegated(("inspection",), "transport", "000000", TODAY, TODAY, is_revoked=False)
    assert delegation_problem([nowhere], "inspection", "transport", "370600", TODAY) == "delegation_not_valid"


def test_an_identity_is_linked_by_the_security_administrator_alone(office: Office) -> None:
    body = {"provider": "sandbox", "subject": "SBX-wang-0001"}
    assert office.at("li").post("/accounts/wang/identities", body)[1]["code"] == "post_needed"
    assert office.at("he").post("/accounts/he/identities", body)[1]["code"] == "own_account"
    assert office.at("he").post("/accounts/wang/identities", body)[0] == 204
    assert office.at("he").post("/accounts/li/identities", body)[1]["code"] == "identity_taken"
