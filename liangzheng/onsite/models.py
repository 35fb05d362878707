"""Tables of what phones did without signal: the chain of each device, its events, and what the server found different."""

from __future__ import annotations

from django.db import models

from liangzheng.people.models import Device
from liangzheng.storage.columns import EncryptedText
from liangzheng.storage.ids import new_id


class DeviceChain(models.Model):
    """How far a device's events have come in: the last counter without a gap, and that event's digest. Locked by each upload."""

    device = models.OneToOneField(Device, primary_key=True, on_delete=models.PROTECT)
    agency_id = models.UUIDField()
    region = models.CharField(max_length=6)
    counter = models.BigIntegerField(default=0)
    head = models.BinaryField(default=bytes(32))

    def __str__(self) -> str:
        """Show the device's key."""
        return str(self.pk)


class DeviceEvent(models.Model):
    """One event, kept as it came (`encoded`: its bytes in Base64). Append-only; `undoes` is the counter an undo speaks of.

    state: applied, quarantined (the device was revoked before it arrived), refused (kept, without effect; `reason` says why).
    A second event with a number already taken is refused as `queue_fork` and stands outside the chain.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    device = models.ForeignKey(Device, on_delete=models.PROTECT)
    agency_id = models.UUIDField()
    region = models.CharField(max_length=6)
    counter = models.BigIntegerField()
    digest = models.BinaryField()
    encoded = EncryptedText()
    kind = models.TextField()
    received_at = models.DateTimeField()
    state = models.TextField()
    reason = models.TextField(blank=True)
    act = models.UUIDField(null=True)
    scan = models.UUIDField(null=True)

    class Meta:
        """Each number once, and each event once."""

        constraints = (
            models.UniqueConstraint(
                fields=["device", "counter"], condition=~models.Q(reason="queue_fork"), name="onsite_event_once"
            ),
            models.UniqueConstraint(fields=["device", "digest"], name="onsite_event_digest"),
        )
        indexes = (models.Index(fields=["act"], name="onsite_event_act"),)

    def __str__(self) -> str:
        """Show the key only."""
        return str(self.pk)


class OfflineFinding(models.Model):
    """The server judged otherwise than the phone did without signal: a task for the act's officers until one closes it."""

    id = models.UUIDField(primary_key=True, default=new_id)
    scan = models.UUIDField()
    act = models.UUIDField()
    device = models.ForeignKey(Device, on_delete=models.PROTECT)
    agency_id = models.UUIDField()
    region = models.CharField(max_length=6)
    kind = models.TextField()
    seen_standing = models.TextField()
    server_standing = models.TextField()
    reasons = models.JSONField()
    at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_by = models.UUIDField(null=True)
    note = EncryptedText(default="")

    class Meta:
        """A difference is found once."""

        constraints = (models.UniqueConstraint(fields=["scan", "kind"], name="onsite_finding_once"),)
        indexes = (models.Index(fields=["act"], name="onsite_finding_act"),)

    def __str__(self) -> str:
        """Show the key only."""
        return str(self.pk)
