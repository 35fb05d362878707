"""Tables of mandates: look-ups by function, the day's count, emergency access and its review, rosters, alarms."""

from __future__ import annotations

from django.db import models

from liangzheng.storage.columns import EncryptedText
from liangzheng.storage.ids import new_id


class LookUp(models.Model):
    """依职能查询: the mandate of one look-up, written in its transaction and never changed.

    `by`: plate, uscc, number or person; `person`: keyed pseudonym of the natural person sought, null for others;
    `is_away`: the subject belongs to another city. `break_glass`: the emergency access it used, null within the quota.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    at = models.DateTimeField()
    day = models.DateField()
    officer = models.UUIDField()
    agency_id = models.UUIDField()
    region = models.CharField(max_length=6)
    act = models.UUIDField()
    scan = models.UUIDField(unique=True)
    ground = models.TextField()
    by = models.TextField()
    person = models.BinaryField(null=True)
    is_away = models.BooleanField()
    break_glass = models.UUIDField(null=True)

    class Meta:
        """An officer's days are looked back upon."""

        indexes = (
            models.Index(fields=["officer", "day"], name="mandates_lookup_day"),
            models.Index(fields=["act"], name="mandates_lookup_act"),
        )

    def __str__(self) -> str:
        """Show the key only."""
        return str(self.pk)


class LookUpCount(models.Model):
    """One officer's day (Asia/Shanghai): look-ups let through, stopped at the quota, and refused for want of an open act."""

    id = models.UUIDField(primary_key=True, default=new_id)
    officer = models.UUIDField()
    day = models.DateField()
    agency_id = models.UUIDField()
    region = models.CharField(max_length=6)
    used = models.IntegerField(default=0)
    stopped = models.IntegerField(default=0)
    refused = models.IntegerField(default=0)

    class Meta:
        """One row a day; its lock makes parallel look-ups count one after the other."""

        constraints = (models.UniqueConstraint(fields=["officer", "day"], name="mandates_count_once"),)

    def __str__(self) -> str:
        """Show the numbers only."""
        return f"{self.used}/{self.stopped}/{self.refused}"


class BreakGlass(models.Model):
    """应急查询: more look-ups for an hour at most, in one act, for a reason that a supervisor reviews within a day."""

    id = models.UUIDField(primary_key=True, default=new_id)
    officer = models.UUIDField()
    agency_id = models.UUIDField()
    region = models.CharField(max_length=6)
    act = models.UUIDField()
    reason = EncryptedText()
    opened_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    review_due = models.DateTimeField()
    request_key = models.UUIDField(unique=True)

    def __str__(self) -> str:
        """Show the key only."""
        return str(self.pk)


class BreakGlassReview(models.Model):
    """A supervisor's review of an emergency access; one, and final."""

    access = models.OneToOneField(BreakGlass, primary_key=True, on_delete=models.PROTECT, related_name="review")
    agency_id = models.UUIDField()
    region = models.CharField(max_length=6)
    by = models.UUIDField()
    at = models.DateTimeField()
    is_accepted = models.BooleanField()
    note = EncryptedText()

    def __str__(self) -> str:
        """Show the outcome."""
        return "accepted" if self.is_accepted else "rejected"


class Shift(models.Model):
    """值班: one turn of one officer, as the agency's roster has it."""

    id = models.UUIDField(primary_key=True, default=new_id)
    officer = models.UUIDField()
    agency_id = models.UUIDField()
    region = models.CharField(max_length=6)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        """Turns are found by officer and time; the same one is entered once."""

        constraints = (models.UniqueConstraint(fields=["officer", "starts_at"], name="mandates_shift_once"),)

    def __str__(self) -> str:
        """Show the time only."""
        return f"{self.starts_at:%Y-%m-%d %H:%M}"


class Alarm(models.Model):
    """预警: something a supervisor should look at. `facts` are numbers and keys, no personal data; `key` makes it come once."""

    id = models.UUIDField(primary_key=True, default=new_id)
    key = models.TextField(unique=True)
    kind = models.TextField()
    at = models.DateTimeField()
    agency_id = models.UUIDField()
    region = models.CharField(max_length=6)
    officer = models.UUIDField(null=True)
    act = models.UUIDField(null=True)
    facts = models.JSONField(default=dict)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.UUIDField(null=True)
    note = EncryptedText(default="")

    class Meta:
        """The open ones of an area are listed."""

        indexes = (models.Index(fields=["region", "-at"], name="mandates_alarm_area"),)

    def __str__(self) -> str:
        """Show the kind."""
        return self.kind
