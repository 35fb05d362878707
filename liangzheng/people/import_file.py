"""导入: agencies, officers and certificates from a spreadsheet: all of it or nothing, and a second time changes nothing.

Every finding names table, row, column, a stable code and the cause, so that the sender can mend all at once. Whom a person or
certificate belongs to is never changed by an import: that is a transfer, decided by people.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from django.db import IntegrityError, models, transaction

from liangzheng.auditlog.append import Event, append
from liangzheng.formats.regions import path_of
from liangzheng.formats.spreadsheet import BadSpreadsheet, Table, read_tables
from liangzheng.people.import_columns import TABLES, Finding, Value, kind_of, read_row
from liangzheng.people.models import Agency, EnforcementCertificate, Officer, Region, User
from liangzheng.storage.ids import new_id
from liangzheng.storage.tenancy import Scope, acting

MOST_FINDINGS = 1000
_KEYS = {"agency": "uscc", "officer": "username", "certificate": "number"}
Outcome = Literal["added", "changed", "unchanged"]


@dataclass(slots=True)
class Report:
    """What an import did, or would do: counts as `kind.outcome`. With a finding nothing was written."""

    findings: list[Finding] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    is_written: bool = False


class _Wrong(Exception):  # noqa: N818 - reads as the fact it is
    """A row that does not fit what is known: column, code, cause."""


def import_people(data: bytes, now: datetime, *, dry_run: bool = False) -> Report:
    """Take a file, or with `dry_run` say what would happen. By the operator; the log says how much was written."""
    report = Report()
    try:
        tables = read_tables(data)
    except BadSpreadsheet as error:
        report.findings.append(Finding("", 0, "", error.code, str(error)))
        return report
    rows = _read(tables, report)
    with transaction.atomic():
        for kind in TABLES:  # agencies before their people, people before their certificates
            for table, number, values in rows.get(kind, []):
                _write_row(report, kind, table, number, values)
        if report.findings or dry_run:
            transaction.set_rollback(True)
        else:
            _log(report, now)
    report.is_written = not report.findings and not dry_run
    return report


def _read(tables: list[Table], report: Report) -> dict[str, list[tuple[str, int, Mapping[str, Value]]]]:
    found: dict[str, list[tuple[str, int, Mapping[str, Value]]]] = {}
    seen: dict[tuple[str, Value], int] = {}
    for table in tables:
        kind = kind_of(table)
        if not kind:
            if table.head or table.rows:
                report.findings.append(Finding(table.name, 1, "", "head_unknown", "表头与机构、人员、证件三种表都不符。"))
            continue
        for number, cells in table.rows:
            values, findings = read_row(table, kind, number, cells)
            _add(report, findings)
            key = (kind, values.get(_KEYS[kind]))
            if key[1] is not None and key in seen:
                _add(report, [Finding(table.name, number, "", "duplicate", f"与第 {seen[key]} 行重复。")])
            seen.setdefault(key, number)
            if not findings:
                found.setdefault(kind, []).append((table.name, number, values))
    return found


def _add(report: Report, findings: list[Finding]) -> None:
    room = MOST_FINDINGS - len(report.findings)
    report.findings += findings[: max(0, room)]


def _write_row(report: Report, kind: str, table: str, number: int, values: Mapping[str, Value]) -> None:
    writers = {"agency": _agency, "officer": _officer, "certificate": _certificate}
    try:
        with transaction.atomic():
            report.counts[f"{kind}.{writers[kind](values)}"] += 1
    except _Wrong as wrong:
        _add(report, [Finding(table, number, *map(str, wrong.args))])
    except IntegrityError:
        _add(report, [Finding(table, number, "", "conflict", "与已有的登记冲突。")])


def _agency(values: Mapping[str, Value]) -> Outcome:
    row, code = Agency.objects.filter(uscc=values["uscc"]).first(), str(values["region"])
    if row is not None and row.region_id != code:
        raise _Wrong("行政区划代码", "conflict", "机构已登记在别的区划，导入不作变更。")
    if row is None:
        Region.objects.get_or_create(code=code, defaults={"name": path_of(code).levels[-1].name})
        Agency.objects.create(region_id=code, **{name: value for name, value in values.items() if name != "region"})
        return "added"
    return _change(row, {name: value for name, value in values.items() if name not in {"uscc", "region"}})


def _officer(values: Mapping[str, Value]) -> Outcome:
    agency = Agency.objects.filter(uscc=values["agency"]).first()
    if agency is None:
        raise _Wrong("所属机构代码", "unknown_reference", "没有登记这个机构。")
    user = User.objects.filter(username=values["username"]).first()
    if user is None:
        # Without a password until an administrator sets one or links an identity outside.
        texts = {name: str(values[name]) for name in ("username", "name", "role")}
        user = User(id=new_id(), agency=agency, **texts)
        user.set_unusable_password()
        user.save(force_insert=True)
        with acting(Scope(agency=agency.pk, region=agency.region_id)):
            is_auxiliary = values["role"] == "auxiliary"
            Officer.objects.create(user=user, agency=agency, region=agency.region_id, is_auxiliary=is_auxiliary)
        return "added"
    if user.agency_id != agency.pk:
        raise _Wrong("所属机构代码", "conflict", "此人登记在别的机构，调动不能由导入办理。")
    if user.role != values["role"]:
        raise _Wrong("人员类别", "conflict", "人员类别与登记不同，导入不作变更。")
    return _change(user, {"name": values["name"]})


def _certificate(values: Mapping[str, Value]) -> Outcome:
    user = User.objects.select_related("agency").filter(username=values["username"], role__in=["officer", "auxiliary"]).first()
    if user is None or user.agency is None:
        raise _Wrong("持证人账号", "unknown_reference", "没有登记这名执法人员。")
    if user.role == "auxiliary":
        raise _Wrong("持证人账号", "auxiliary", "执法辅助人员没有执法证。")
    since, until, checked = (values[name] for name in ("valid_from", "valid_to", "checked_through"))
    if str(since) > str(until) or (checked is not None and str(checked) > str(until)):
        raise _Wrong("有效期止", "malformed", "有效期和年审有效期的先后不对。")
    agency, others = user.agency, {name: value for name, value in values.items() if name not in {"number", "username"}}
    with acting(Scope(agency=agency.pk, region=agency.region_id)):
        row = EnforcementCertificate.objects.filter(number=values["number"]).first()
        if row is None:
            EnforcementCertificate.objects.create(
                officer_id=user.pk, agency=agency, region=agency.region_id, number=str(values["number"]), **others
            )
            return "added"
        if row.officer_id != user.pk:
            raise _Wrong("持证人账号", "conflict", "此证登记在别人名下。")
        return _change(row, others)


def _change(row: models.Model, values: Mapping[str, Value]) -> Outcome:
    changed = [name for name, value in values.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, values[name])
    if changed:
        row.save(update_fields=changed)
    return "changed" if changed else "unchanged"


def _log(report: Report, now: datetime) -> None:
    result = " ".join(f"{name}={count}" for name, count in sorted(report.counts.items()))
    event = Event(at=now, actor_kind="operator", action="import_people", region="", purpose="导入机构人员", result=result)
    with acting(Scope()):
        append([event])
