"""Licence records: history that is only added to, news out of order, versions that follow one another, the standard's names."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta

import pytest
from django.db import Error, connection, transaction
from django.utils import timezone

from liangzheng.formats.identifiers import make_licence_identifier
from liangzheng.holders.models import Holder
from liangzheng.licences import status
from liangzheng.licences.models import Licence, StatusChange
from liangzheng.licences.record import standard_record, versions_of
from liangzheng.licences.status import StatusNews, change_status, enter_licence
from liangzheng.people.certificates import SHANGHAI
from liangzheng.storage.columns import index_value
from liangzheng.storage.ids import new_id
from liangzheng.storage.tenancy import Scope, acting

pytestmark = pytest.mark.django_db

SOURCE = Scope(is_source=True)
TYPE, ISSUER = "11100000000013338W011", "11370600MADEM0011A"
ISSUED = datetime(2025, 3, 1, tzinfo=SHANGHAI)
NOW = datetime(2026, 3, 1, 12, tzinfo=SHANGHAI)
DAY = timedelta(days=1)


def holder(name: str = "烟台海云客运有限公司（演示）") -> Holder:
    return Holder.objects.create(
        kind="organisation", name=name, code=name, code_type="001", code_index=index_value(name), region="370600", is_demo=True
    )


def licence(owner: Holder, version: int = 1, supersedes: Licence | None = None, serial: str = "DEM020250001") -> Licence:
    """An unsaved record of a road transport permit."""
    return Licence(
        identifier=make_licence_identifier(TYPE, ISSUER, serial, version),
        type_code=TYPE,
        type_name="道路运输经营许可证（演示）",
        holder=owner,
        number="鲁演示370600000001号",
        number_index=index_value("鲁演示370600000001号"),
        version=f"{version:03d}",
        issuing_authority="烟台市交通运输局（演示）",
        issuing_authority_code=ISSUER,
        issued_on=date(2025, 3, 1),
        valid_from=date(2025, 3, 1),
        valid_to=None,
        face=json.dumps({"KZ_YHMC": owner.name}, ensure_ascii=False),
        source_status="10",
        status_at=ISSUED,
        region="370600",
        supersedes=supersedes,
        is_demo=True,
    )


def entered(version: int = 1, supersedes: Licence | None = None) -> Licence:
    made = licence(supersedes.holder if supersedes else holder(), version, supersedes)
    enter_licence(made, NOW)
    return made


def history(row: Licence) -> list[tuple[str, str]]:
    return [(item.status, item.source_status) for item in row.status_changes.order_by("since", "id")]


def test_each_change_stays_in_the_history_with_the_sources_own_code() -> None:
    with acting(SOURCE):
        row = entered()
        change_status(row, StatusNews("suspended", "02", ISSUED + 100 * DAY, "演示罚字2025年1号"), NOW)
        change_status(row, StatusNews("valid", "01", ISSUED + 130 * DAY, "暂扣期满"), NOW)
        stored = Licence.objects.get(pk=row.pk)
        assert (stored.status, stored.source_status, stored.status_note) == ("valid", "01", "暂扣期满")
        assert history(stored) == [("valid", "10"), ("suspended", "02"), ("valid", "01")]
        assert (row.status, row.source_status) == ("valid", "01"), "the caller's row follows"


def test_news_that_come_late_are_kept_and_do_not_take_a_revocation_back() -> None:
    with acting(SOURCE):
        row = entered()
        change_status(row, StatusNews("revoked", "07", ISSUED + 100 * DAY), NOW)
        change_status(row, StatusNews("valid", "01", ISSUED + 50 * DAY), NOW + DAY)
        assert Licence.objects.get(pk=row.pk).status == "revoked"
        assert history(row) == [("valid", "10"), ("valid", "01"), ("revoked", "07")]


def test_a_word_that_nobody_knows_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    news = StatusNews("ok", "99", NOW)
    with acting(SOURCE):
        row = entered()
        with pytest.raises(ValueError, match="no status of ours"):
            change_status(row, news, NOW)
        assert history(row) == [("valid", "10")]
        odd = licence(row.holder, serial="DEM020250002")
        odd.status = "ok"
        with pytest.raises(ValueError, match="no status of ours"):
            enter_licence(odd, NOW)
        monkeypatch.setattr(status, "_check", lambda _news: None)
        change_status(row, news, NOW)
        assert Licence.objects.get(pk=row.pk).status == "ok", "control: the check alone keeps it out"


def test_the_next_version_supersedes_the_one_before() -> None:
    with acting(SOURCE):
        first = entered()
        second = entered(2, first)
        third = entered(3, second)
        first.refresh_from_db()
        assert (first.status, first.status_note) == ("superseded", second.identifier)
        assert history(first) == [("valid", "10"), ("superseded", "")]
        for version in (first, second, third):
            assert [item.version for item in versions_of(version)] == ["001", "002", "003"]


def test_what_was_revoked_stays_revoked_when_a_new_version_comes() -> None:
    with acting(SOURCE):
        first = entered()
        change_status(first, StatusNews("revoked", "07", ISSUED + DAY), NOW)
        entered(2, first)
        assert Licence.objects.get(pk=first.pk).status == "revoked"


@pytest.mark.parametrize(("field", "value"), [("version", "003"), ("type_code", "11100000000013338W012"), ("holder", None)])
def test_a_record_that_does_not_follow_is_not_entered(field: str, value: str | None) -> None:
    with acting(SOURCE):
        first = entered()
        wrong = licence(first.holder, 2, first)
        setattr(wrong, field, value or holder("另一家（演示）"))
        with pytest.raises(ValueError, match="next version"):
            enter_licence(wrong, NOW)
        assert Licence.objects.filter(supersedes=first.pk).count() == 0
        assert Licence.objects.get(pk=first.pk).status == "valid"
        enter_licence(licence(first.holder, 2, first), NOW)  # control: unchanged it follows


def test_the_record_has_the_names_of_the_standard() -> None:
    with acting(SOURCE):
        record = standard_record(entered())
    assert record["certificateIdentifier"].startswith("1.2.156.3005.2.11100000000013338W011.")
    assert (record["certificateIssuedDate"], record["certificateExpiringDate"]) == ("20250301", "")
    assert (record["certificateHolderType"], record["certificateHolderTypeName"]) == ("001", "统一社会信用代码")
    assert json.loads(record["extendInfo"]) == {"KZ_YHMC": "烟台海云客运有限公司（演示）"}
    assert {name for name, value in record.items() if not value} == {"certificateExpiringDate"}


def test_the_history_is_seen_by_whom_the_licence_is_seen_and_written_by_a_source_only() -> None:
    with acting(SOURCE):
        row = entered()
        other = holder("别人（演示）")
    for scope, seen in ((Scope(holder=row.holder_id), 1), (Scope(holder=other.pk), 0), (Scope(), 0), (Scope(agency=new_id()), 0)):
        with acting(scope):
            assert StatusChange.objects.count() == seen, scope
            with pytest.raises(Error), transaction.atomic():
                StatusChange.objects.create(licence_id=row.pk, status="valid", since=NOW, recorded_at=timezone.now())
    for sentence in ("UPDATE licences_statuschange SET status = 'valid'", "DELETE FROM licences_statuschange"):
        with acting(SOURCE), pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sentence)
