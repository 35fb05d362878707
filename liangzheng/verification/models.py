"""Tables of stored verdicts: every scan, the refused ones too."""

from __future__ import annotations

from typing import Any

from django.db import models


class Scan(models.Model):
    """One scan in one act and the verdict as the officer saw it. Ranged by month on `id`; only `photo_match` may change.

    Of a scan made without signal, `server_standing` and `server_verdict` are what the server judged when it arrived.
    """

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
    server_standing = models.TextField(default="")
    server_verdict = models.JSONField(null=True)

    def __str__(self) -> str:
        """Show the key only."""
        return str(self.pk)

    @property
    def counted_standing(self) -> str:
        """What counts: the server's verdict where there is one."""
        return self.server_standing or self.standing

    @property
    def counted_verdict(self) -> dict[str, Any]:
        """The verdict that counts, as stored (`verify.verdict_json`)."""
        verdict: dict[str, Any] = self.server_verdict or self.verdict
        return verdict


class ScanRequest(models.Model):
    """The phone's idempotency key of a scan: the same key never makes a second scan."""

    key = models.UUIDField(primary_key=True)
    officer = models.UUIDField()
    scan = models.UUIDField()
    at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        """Show the key only."""
        return str(self.pk)


class PackPart(models.Model):
    """A part of field packs by the SHA-256 of its plain bytes; `packed` is its zlib form. Kept for two weeks, for deltas."""

    sha256 = models.CharField(primary_key=True, max_length=64)
    name = models.TextField()
    kind = models.TextField()
    size = models.IntegerField()
    packed = models.BinaryField()
    made_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        """Show the part's name."""
        return self.name


class PackIssue(models.Model):
    """One issue of a region's field pack; `parts` are SHA-256 in the manifest's order. Numbers only grow."""

    number = models.IntegerField(primary_key=True)
    region = models.CharField(max_length=6)
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    parts = models.JSONField()

    class Meta:
        """The newest of a region is asked for."""

        indexes = (models.Index(fields=["region", "-number"], name="verification_pack_newest"),)

    def __str__(self) -> str:
        """Show the number."""
        return str(self.pk)
