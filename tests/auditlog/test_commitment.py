"""The commitment of a log entry: stable, bound to every column, silent without its salt."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from liangzheng.auditlog.commitment import Entry, commit, entry_bytes

SALT = bytes(range(32))
ENTRY = Entry(
    id=UUID("019aa000-0000-7000-8000-000000000001"),
    at=datetime(2026, 11, 22, 8, 0, 0, 1200, tzinfo=UTC),
    actor_kind="officer",
    actor=UUID("019aa000-0000-7000-8000-000000000002"),
    actor_number="15060000001",
    action="scan",
    subject_kind="licence",
    subject=UUID("019aa000-0000-7000-8000-000000000003"),
    act=UUID("019aa000-0000-7000-8000-000000000004"),
    act_code="演示-2026-0001",
    agency=UUID("019aa000-0000-7000-8000-000000000005"),
    region="370600",
    holder=None,
    purpose="现场检查",
    legal_basis="《道路运输条例》第五十八条",
    fields=("name", "number"),
    result="valid",
)


def test_the_canonical_form_is_fixed() -> None:
    assert entry_bytes(ENTRY).decode() == (
        '{"act":"019aa000-0000-7000-8000-000000000004","act_code":"演示-2026-0001","action":"scan",'
        '"actor":"019aa000-0000-7000-8000-000000000002","actor_kind":"officer","actor_number":"15060000001",'
        '"agency":"019aa000-0000-7000-8000-000000000005","at":"2026-11-22T08:00:00.001200Z",'
        '"fields":["name","number"],"holder":null,"id":"019aa000-0000-7000-8000-000000000001",'
        '"legal_basis":"《道路运输条例》第五十八条","purpose":"现场检查","region":"370600","result":"valid",'
        '"subject":"019aa000-0000-7000-8000-000000000003","subject_kind":"licence"}'
    )


@given(
    texts=st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=3, max_size=3),
    fields=st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=3),
    at=st.datetimes(timezones=st.just(UTC)),
    keys=st.lists(st.none() | st.uuids(), min_size=2, max_size=2),
)
def test_the_canonical_form_is_that_of_rfc_8785(
    texts: list[str], fields: list[str], at: datetime, keys: list[UUID | None]
) -> None:
    changes = {"purpose": texts[0], "act_code": texts[1], "result": texts[2], "fields": tuple(fields), "at": at}
    entry = dataclasses.replace(ENTRY, holder=keys[0], act=keys[1], **changes)  # type: ignore[arg-type]
    written = entry_bytes(entry)
    read = json.loads(written)
    assert rfc8785.dumps(read) == written
    assert (read["purpose"], read["act_code"], read["result"], read["fields"]) == (*texts, fields)


def test_the_commitment_is_the_digest_of_domain_salt_and_entry() -> None:
    assert commit(SALT, ENTRY) == hashlib.sha256(b"liangzheng log v1\x00" + SALT + entry_bytes(ENTRY)).digest()


def test_every_column_is_bound() -> None:
    assert set(json.loads(entry_bytes(ENTRY))) == {field.name for field in dataclasses.fields(Entry)}
    variants = set()
    for name in (field.name for field in dataclasses.fields(Entry)):
        value = getattr(ENTRY, name)
        other: object = UUID(int=2)
        if isinstance(value, str):
            other = value + "。"
        elif isinstance(value, tuple):
            other = value[:1]
        elif isinstance(value, datetime):
            other = value + timedelta(microseconds=1)
        variants.add(commit(SALT, dataclasses.replace(ENTRY, **{name: other})))  # type: ignore[arg-type]
    assert len(variants | {commit(SALT, ENTRY)}) == len(dataclasses.fields(Entry)) + 1


def test_the_time_zone_does_not_matter() -> None:
    local = dataclasses.replace(ENTRY, at=ENTRY.at.astimezone(timezone(timedelta(hours=8))))
    assert commit(SALT, local) == commit(SALT, ENTRY)


def test_the_salt_hides() -> None:
    assert commit(bytes(32), ENTRY) != commit(SALT, ENTRY)
    with pytest.raises(ValueError, match="32 bytes"):
        commit(b"", ENTRY)
