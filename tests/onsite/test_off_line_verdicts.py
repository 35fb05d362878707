"""What a phone saw without signal, read strictly; and which differences from the server's verdict are a task."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liangzheng.errors import Malformed
from liangzheng.formats.device_event import FIRST, Happened
from liangzheng.onsite.finding import differences
from liangzheng.onsite.queue_scan import happened_at, read_verdict
from liangzheng.storage.ids import new_id
from liangzheng.verification.verdict import Check, Mode, Result, Verdict, conclude

NOW = datetime(2026, 9, 12, 8, 0, tzinfo=UTC)
RESULTS = {"valid_offline": Result.PASS, "valid": Result.PASS, "cannot_confirm": Result.UNKNOWN, "invalid": Result.FAIL}


def verdict(standing: str, mode: Mode = Mode.OFFLINE) -> Verdict:
    """Make a verdict of one check."""
    reason = "" if RESULTS[standing] is Result.PASS else "status_unknown"
    return conclude((Check("status", RESULTS[standing], reason),), as_of=NOW, mode=mode)


@pytest.mark.parametrize(
    ("seen", "server", "is_task"),
    [
        ("valid_offline", "valid", False),
        ("valid_offline", "cannot_confirm", True),
        ("valid_offline", "invalid", True),
        ("cannot_confirm", "valid", False),
        ("cannot_confirm", "cannot_confirm", False),
        ("cannot_confirm", "invalid", True),
        ("invalid", "valid", True),
        ("invalid", "cannot_confirm", True),
        ("invalid", "invalid", False),
    ],
)
def test_every_pair_of_standings(seen: str, server: str, is_task: bool) -> None:  # noqa: FBT001 - a table
    found = differences(verdict(seen), verdict(server, Mode.ONLINE), is_gate_open=True)
    assert [item.kind for item in found] == (["standing_differs"] if is_task else [])
    closed = differences(verdict(seen), verdict(server, Mode.ONLINE), is_gate_open=False)
    assert "gate_closed" in {item.kind for item in closed}


@pytest.mark.parametrize("standing", ["valid_offline", "cannot_confirm", "invalid"])
def test_a_canonical_verdict_is_read_back(standing: str) -> None:
    assert read_verdict(verdict(standing).canonical()) == verdict(standing)


@pytest.mark.parametrize("mode", [Mode.ONLINE, Mode.FILE])
def test_a_phone_without_signal_cannot_have_seen_an_on_line_verdict(mode: Mode) -> None:
    with pytest.raises(Malformed):
        read_verdict(verdict("valid", mode).canonical())


@given(st.data())
def test_a_changed_verdict_is_another_one_or_none(data: st.DataObject) -> None:
    good = verdict("cannot_confirm").canonical()
    place = data.draw(st.integers(0, len(good) - 1))
    changed = good[:place] + bytes([data.draw(st.integers(0, 255))]) + good[place + 1 :]
    try:
        read = read_verdict(changed)
    except Malformed:
        return
    assert read.canonical() == changed


@given(st.binary(max_size=200))
def test_any_bytes_are_no_verdict(data: bytes) -> None:
    for bad in (data, b"{}", b"[]", b'{"standing":' + data + b"}"):
        with pytest.raises(Malformed):
            read_verdict(bad)


@given(st.integers(0, 2**53 - 1), st.integers(0, 2**53 - 1), st.integers(0, 2**53 - 1))
def test_nothing_happened_later_than_now_whatever_the_phone_says(at: int, server: int, elapsed: int) -> None:
    told = Happened(new_id(), 1, FIRST, at, server, elapsed, "scan", None, {})
    assert happened_at(told, NOW) <= NOW
    told = Happened(new_id(), 1, FIRST, at, int(NOW.timestamp()) - 600, 60, "scan", None, {})
    assert happened_at(told, NOW) == NOW - timedelta(seconds=540), "the device clock plays no part"
