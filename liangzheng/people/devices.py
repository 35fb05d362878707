"""设备登记: a phone proves that it holds its key, is bound to one account, and can be revoked.

A session in which a device was enrolled or recognised is that device's: every request asks the registry anew, nothing is cached.
The key itself never leaves the phone, so a session without a device is still possible; it has no queue and no off-line codes.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib.sessions.backends.base import SessionBase
from django.db.models import QuerySet

from liangzheng.auditlog.append import Event, append
from liangzheng.crypto.keys import BadKey
from liangzheng.crypto.p256 import P256PublicKey
from liangzheng.crypto.sm2 import SM2PublicKey
from liangzheng.errors import Malformed, NotAllowed, NotFound, Refused
from liangzheng.people.models import Device
from liangzheng.people.sessions import Actor, bind_device, bound_device
from liangzheng.storage.tenancy import acting

ENROL = b"liangzheng enrol v1"
_CHALLENGE_BYTES = 32
_CHALLENGE_LASTS = timedelta(minutes=2)
_SEEN_EVERY = timedelta(minutes=1)
_LONGEST_LABEL, _LONGEST_REASON = 100, 200  # characters
_KEYS: Mapping[str, type[P256PublicKey | SM2PublicKey]] = {"ES256": P256PublicKey, "SM2": SM2PublicKey}
_SESSION_DEVICE, _SESSION_CHALLENGE = "device", "device_challenge"


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What a phone sends: its key as an uncompressed point, and its signature over the challenge."""

    point: bytes
    algorithm: str
    label: str
    challenge: bytes
    signature: bytes


def read_key(algorithm: str, point: bytes) -> P256PublicKey | SM2PublicKey:
    """Read a device key. Malformed `invalid_input` when it is none of the two kinds."""
    kind = _KEYS.get(algorithm)
    if kind is None:
        raise Malformed("invalid_input", "设备密钥只能是 ES256 或 SM2。", place="algorithm")
    try:
        return kind.from_point(point)
    except BadKey as error:
        raise Malformed("invalid_input", "设备公钥的格式不对。", place="public_key") from error


def key_of(device: Device) -> P256PublicKey | SM2PublicKey:
    """Give the device's public key."""
    return read_key(device.algorithm, bytes(device.public_point))


def new_challenge(session: SessionBase, now: datetime) -> bytes:
    """Draw the bytes to be signed; the session knows one at a time, for two minutes."""
    challenge = secrets.token_bytes(_CHALLENGE_BYTES)
    session[_SESSION_CHALLENGE] = {"value": challenge.hex(), "until": (now + _CHALLENGE_LASTS).timestamp()}
    return challenge


def enrol(actor: Actor, session: SessionBase, given: Enrolment, now: datetime) -> Device:
    """Enrol a key after proof of possession, or recognise one of this account and name it anew; bind the session to it.

    A session bound to one device never goes over to another: whoever holds a copied cookie could make himself at home.
    """
    key = read_key(given.algorithm, given.point)
    bound = bound_device(session)
    if bound is not None and bytes(bound.public_point) != key.point:
        raise NotAllowed("device_bound", "本次登录已绑定另一台设备，请在本机重新登录。")
    _take_challenge(session, given.challenge, now)
    if not key.verify_raw(given.signature, ENROL + given.challenge + actor.user.bytes):
        raise NotAllowed("device_challenge", "设备没有证明持有私钥，不能登记。")
    if Device.objects.filter(public_point=key.point).exclude(user=actor.user).exists():  # which the own scope does not show
        raise Refused("device_taken", "这个设备密钥已经登记给别的账号，请在本机重新生成。")
    with acting(actor.scope):
        device, is_new = Device.objects.get_or_create(
            public_point=key.point,
            defaults={
                "user_id": actor.user,
                "algorithm": given.algorithm,
                "label": given.label.strip()[:_LONGEST_LABEL],
                "enrolled_at": now,
                "last_seen_at": now,
            },
        )
        if not is_new:
            _name_anew(device, given.label)
        else:
            append([_event(actor, device, "enrol_device", now)])
    session[_SESSION_DEVICE] = str(device.pk)
    check_device(session, now)
    bind_device(session, device, now)
    return device


def _name_anew(device: Device, label: str) -> None:
    wanted = label.strip()[:_LONGEST_LABEL]
    if wanted not in {"", device.label}:
        device.label = wanted
        device.save(update_fields=["label"])


def _take_challenge(session: SessionBase, challenge: bytes, now: datetime) -> None:
    known = session.pop(_SESSION_CHALLENGE, None)  # one try, whatever comes of it
    is_mine = known is not None and secrets.compare_digest(bytes.fromhex(known["value"]), challenge)
    if not is_mine or now.timestamp() > known["until"]:
        raise NotAllowed("device_challenge", "登记请求已过期，请重新登记设备。")


def check_device(session: SessionBase, now: datetime) -> Device | None:
    """Give the session's device. NotAllowed `device_revoked` (HTTP 401) when it was revoked; None when the session has none."""
    known = session.get(_SESSION_DEVICE)
    device = Device.objects.filter(pk=known).first() if known else None
    if device is None:
        return None
    if device.revoked_at is not None:
        raise NotAllowed("device_revoked", "本设备已被停用。请先上传未同步的记录，本机数据随后清除。", device=str(device.pk))
    if now - device.last_seen_at > _SEEN_EVERY:
        Device.objects.filter(pk=device.pk).update(last_seen_at=now)
    return device


def live_device(actor: Actor, device_id: UUID) -> Device:
    """Find a device of this account that is not revoked."""
    with acting(actor.scope):
        device = Device.objects.filter(pk=device_id, user=actor.user).first()
    if device is None:
        raise NotFound("device_unknown", "没有登记这台设备。")
    if device.revoked_at is not None:
        raise NotAllowed("device_revoked", "本设备已被停用。", device=str(device.pk))
    return device


def devices_of(actor: Actor) -> list[Device]:
    """List the account's own devices; an administrator's list is his agency's, the newest first."""
    with acting(actor.scope):
        return list(_in_reach(actor).order_by("-id"))


def _in_reach(actor: Actor) -> QuerySet[Device]:
    if actor.role == "administrator" and actor.agency is not None:
        return Device.objects.filter(user__agency=actor.agency)
    return Device.objects.filter(user=actor.user)


def revoke(actor: Actor, device_id: UUID, reason: str, now: datetime) -> Device:
    """Revoke a device of one's own, or as an administrator one of the agency. A second time changes nothing."""
    if not reason.strip():
        raise Malformed("reason_required", "停用设备须写明理由。", place="reason")
    with acting(actor.scope):
        device = _in_reach(actor).select_for_update(of=("self",)).filter(pk=device_id).first()
        if device is None:
            raise NotFound("device_unknown", "没有登记这台设备。")
        if device.revoked_at is None:
            device.revoked_at, device.revoked_by, device.revoked_reason = now, actor.user, reason.strip()[:_LONGEST_REASON]
            device.save(update_fields=["revoked_at", "revoked_by", "revoked_reason"])
            append([_event(actor, device, "revoke_device", now)])
        return device


def _event(actor: Actor, device: Device, action: str, now: datetime) -> Event:
    return Event(
        at=now,
        actor_kind=actor.role,
        actor=actor.user,
        action=action,
        subject_kind="device",
        subject=device.pk,
        agency=actor.agency,
        region=actor.region,
        holder=actor.holder,
        purpose="设备登记",
    )
