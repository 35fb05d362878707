"""The append-only log: who did what to whose data, when, in which act, on which basis. It holds no personal data."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models


class LogEntry(models.Model):
    """One entry. The commitment binds all columns with the salt; deleting the salt later hides the rest for good."""

    id = models.UUIDField(primary_key=True)
    at = models.DateTimeField()
    actor_kind = models.TextField()
    actor = models.UUIDField(null=True)
    actor_number = models.TextField()
    action = models.TextField()
    subject_kind = models.TextField()
    subject = models.UUIDField(null=True)
    act = models.UUIDField(null=True)
    act_code = models.TextField()
    agency_id = models.UUIDField(null=True)
    region = models.TextField()
    holder = models.UUIDField(null=True)
    purpose = models.TextField()
    legal_basis = models.TextField()
    fields = ArrayField(models.TextField())
    result = models.TextField()
    salt = models.BinaryField()
    commitment = models.BinaryField()

    class Meta:
        """Ranged by month on `id`; written and read only (see the migration)."""

        managed = True

    def __str__(self) -> str:
        """Name the entry for the shell and error pages, without data."""
        return f"{self.action} {self.id}"


class Leaf(models.Model):
    """The place of an entry in the tree, given by the sealer; written and read only."""

    index = models.BigIntegerField(primary_key=True)
    entry = models.UUIDField(unique=True)

    def __str__(self) -> str:
        """Name the leaf."""
        return str(self.index)
