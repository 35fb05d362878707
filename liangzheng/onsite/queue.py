"""The upload of what phones did without signal: each event counts once, in its order, however it comes.

An event is believed for its device key's signature alone, so the upload needs no session and a revoked phone can still hand in
what it has: kept in quarantine, acknowledged, without effect. The chain never jumps: beyond a gap nothing is kept, the phone
sends again. One transaction a call, under a lock on the device's chain, so that a killed server has done a call or not.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from liangzheng.auditlog.append import Event, append
from liangzheng.errors import Malformed, NotAllowed
from liangzheng.formats.device_event import DeviceEvent, MalformedEvent, read_event
from liangzheng.onsite import models
from liangzheng.onsite.queue_effects import Work, apply_event
from liangzheng.people.devices import key_of
from liangzheng.people.models import Device
from liangzheng.people.sessions import Actor, actor_of
from liangzheng.storage.tenancy import acting

MOST_EVENTS = 200


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one event. `counter` is 0 when it could not be read; state `waiting`: beyond the gap, to be sent again."""

    counter: int
    state: str
    reason: str = ""
    scan: UUID | None = None


@dataclass(frozen=True, slots=True)
class Uploaded:
    """The answer to one call. `counter`, `head`: how far the chain has come; `gap`: the counter expected next and that found."""

    device: UUID
    counter: int
    head: bytes
    gap: tuple[int, int] | None
    outcomes: tuple[Outcome, ...]
    wipe: bool


def upload(device_id: UUID, encoded: Sequence[bytes], now: datetime) -> Uploaded:
    """Take in a device's events. Malformed when none of them is this device's own word; then nothing is told, either.

    An unknown device is answered as one that did not sign: nobody learns which devices there are.
    """
    device = Device.objects.select_related("user__agency").filter(pk=device_id).first()
    events, unread = _read(device, encoded)
    if device is None or not events:
        code = unread[0].reason if unread else "event_unreadable"
        raise Malformed(code, "没有一条记录能确认出自这台设备。")
    actor = actor_of(device.user)
    if actor.role != "officer" or actor.agency is None:
        raise NotAllowed("not_your_role", "只有执法人员的设备可以上传检查记录。")
    with acting(actor.scope):
        return _Upload(device, actor, actor.agency, now).take(events, unread)


def _read(device: Device | None, encoded: Sequence[bytes]) -> tuple[list[DeviceEvent], list[Outcome]]:
    """Read and sort the events; the same one sent twice in a call is one."""
    key = key_of(device) if device else None
    events: dict[bytes, DeviceEvent] = {}
    unread: list[Outcome] = []
    for data in encoded:
        try:
            event = read_event(data)
        except MalformedEvent:
            unread.append(Outcome(0, "refused", "event_unreadable"))
            continue
        if device and key and event.happened.device == device.pk and event.is_signed_by(key):
            events[event.digest] = event
        else:
            unread.append(Outcome(event.happened.counter, "refused", "event_forged"))
    return sorted(events.values(), key=lambda event: event.happened.counter), unread


class _Upload:
    """One call, inside its transaction."""

    def __init__(self, device: Device, actor: Actor, agency: UUID, now: datetime) -> None:
        self._device, self._now = device, now
        chain, _ = models.DeviceChain.objects.get_or_create(device=device, defaults={"agency_id": agency, "region": actor.region})
        self._chain = models.DeviceChain.objects.select_for_update().get(pk=chain.pk)
        device.refresh_from_db(fields=["revoked_at", "flagged_at", "wiped_at"])  # revoked while this call waited for its turn?
        self._head = bytes(self._chain.head)
        self._is_trusted = device.revoked_at is None and device.user.is_active
        self._work = Work(actor, device, now)
        self._rows: list[models.DeviceEvent] = []

    def take(self, events: Sequence[DeviceEvent], unread: Sequence[Outcome]) -> Uploaded:
        """Take the events in their order, up to the first gap."""
        known = self._known(events)
        outcomes: list[Outcome] = []
        gap: tuple[int, int] | None = None
        for event in events:
            expected, counter = self._chain.counter + 1, event.happened.counter
            if counter > expected:
                gap = gap or (expected, counter)
                outcomes.append(Outcome(counter, "waiting", "queue_gap"))
            else:
                outcomes.append(known.get(event.digest) or self._add(event))
        self._save()
        wipe = self._device.revoked_at is not None
        return Uploaded(self._device.pk, self._chain.counter, self._head, gap, (*outcomes, *unread), wipe)

    def _known(self, events: Sequence[DeviceEvent]) -> Mapping[bytes, Outcome]:
        rows = models.DeviceEvent.objects.filter(device=self._device, digest__in=[event.digest for event in events])
        return {bytes(row.digest): Outcome(row.counter, row.state, row.reason, row.scan) for row in rows}

    def _add(self, event: DeviceEvent) -> Outcome:
        happened = event.happened
        if happened.counter != self._chain.counter + 1 or happened.previous != self._head:
            return self._keep(event, Outcome(happened.counter, "refused", "queue_fork"))
        self._chain.counter, self._head = happened.counter, event.digest
        if not self._is_trusted:
            return self._keep(event, Outcome(happened.counter, "quarantined", "device_revoked"))
        effect = apply_event(self._work, happened, self._rows)
        return self._keep(event, Outcome(happened.counter, effect.state, effect.reason, effect.scan))

    def _keep(self, event: DeviceEvent, outcome: Outcome) -> Outcome:
        self._rows.append(
            models.DeviceEvent(
                device=self._device,
                agency_id=self._chain.agency_id,
                region=self._chain.region,
                counter=outcome.counter,
                digest=event.digest,
                encoded=base64.b64encode(event.encoded).decode(),
                kind=event.happened.kind,
                received_at=self._now,
                state=outcome.state,
                reason=outcome.reason,
                act=event.happened.act,
                scan=outcome.scan,
            )
        )
        return outcome

    def _save(self) -> None:
        models.DeviceEvent.objects.bulk_create(self._rows)
        self._chain.head = self._head
        self._chain.save(update_fields=["counter", "head"])
        states = {(row.state, row.reason) for row in self._rows}
        changed: dict[str, datetime] = {"last_seen_at": self._now}
        if ("refused", "queue_fork") in states and self._device.flagged_at is None:
            changed["flagged_at"] = self._now
        if self._device.revoked_at is not None and self._device.wiped_at is None:
            changed["wiped_at"] = self._now
        Device.objects.filter(pk=self._device.pk).update(**changed)
        append([self._event(action) for action in ("queue_fork", "queue_quarantined") if _marks(action) & states])

    def _event(self, action: str) -> Event:
        return Event(
            at=self._now,
            actor_kind="device",
            actor=self._device.user_id,
            action=action,
            subject_kind="device",
            subject=self._device.pk,
            agency=self._chain.agency_id,
            region=self._chain.region,
            purpose="离线记录上传",
            result=str(self._chain.counter),
        )


def _marks(action: str) -> set[tuple[str, str]]:
    return {("refused", "queue_fork")} if action == "queue_fork" else {("quarantined", "device_revoked")}
