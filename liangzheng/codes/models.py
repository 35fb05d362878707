"""Issued and used codes. No personal data: keys of other rows only. Day partitions, dropped after two days."""

from __future__ import annotations

from django.db import models


class IssuedCode(models.Model):
    """A code the platform made for a holder's licence or an officer's badge, found again by its id or short form."""

    id = models.UUIDField(primary_key=True)
    kind = models.TextField()
    licence = models.UUIDField(null=True)
    holder = models.UUIDField(null=True)
    act = models.UUIDField(null=True)
    officer = models.UUIDField(null=True)
    agency_id = models.UUIDField(null=True)
    region = models.TextField()
    short_code = models.CharField(max_length=8)
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        """Show the key only."""
        return str(self.pk)


class UsedCode(models.Model):
    """A verifier has used a code: the same officer cannot use it again."""

    pk = models.CompositePrimaryKey("code", "verifier")
    code = models.UUIDField()
    verifier = models.UUIDField()
    scan = models.UUIDField()

    def __str__(self) -> str:
        """Show the code's key."""
        return str(self.code)


class StatusSlot(models.Model):
    """A place in the platform's own status list: a licence, certificate or delegation as one device shows it off-line.

    One place for each subject and device, so that a lost phone can be told from the licence on it. Never used for another.
    """

    index = models.AutoField(primary_key=True)
    kind = models.TextField(choices=[("licence", "电子证照"), ("certificate", "行政执法证"), ("delegation", "代为出示")])
    subject = models.UUIDField()
    device = models.UUIDField()

    class Meta:
        """A subject has one place on a device."""

        constraints = (models.UniqueConstraint(fields=["device", "subject"], name="codes_slot_once"),)

    def __str__(self) -> str:
        """Show the place."""
        return str(self.pk)
