"""Tables of stored verdicts: every scan, the refused ones too."""

from __future__ import annotations

from django.db import models


class Scan(models.Model):
    """One scan in one act and the verdict as the officer saw it. Ranged by month on `id`; only `photo_match` may change."""

    id = models.UUIDField(primary_key=True)
    at = models.DateTimeField()
    act = models.UUIDField()
    officer = models.UUIDField()
    agency_id = models.UUIDField()
    region = models.TextField()
    method = models.TextField()
    code = models.UUIDField(null=True)
    licence = models.UUIDField(null=True)
    holder = models.UUIDField(null=True)
    standing = models.TextField()
    verdict = models.JSONField()
    purpose = models.TextField()
    legal_basis = models.TextField()
    photo_match = models.BooleanField(null=True)

    def __str__(self) -> str:
        """Show the key only."""
        return str(self.pk)


class ScanRequest(models.Model):
    """The phone's idempotency key of a scan: the same key never makes a second scan."""

    key = models.UUIDField(primary_key=True)
    officer = models.UUIDField()
    scan = models.UUIDField()
    at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        """Show the key only."""
        return str(self.pk)
