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
