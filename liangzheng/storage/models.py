"""Tables of retention: how long each class of data is kept, and what may not be deleted for now."""

from __future__ import annotations

from django.db import models

from liangzheng.storage.ids import new_id


class RetentionTerm(models.Model):
    """One class of data of `data/retention.json` with the term that is in force here. Written by the owner role only."""

    id = models.TextField(primary_key=True)
    days = models.IntegerField()
    basis = models.TextField()
    changed_at = models.DateTimeField()

    class Meta:
        """A term of no days would delete what is being written."""

        constraints = (models.CheckConstraint(condition=models.Q(days__gte=1), name="storage_term_days"),)

    def __str__(self) -> str:
        """Show class and term."""
        return f"{self.id}: {self.days}"


class LegalHold(models.Model):
    """留存: nothing of this act, or about this holder, is deleted until the hold is lifted. Written by the owner role only."""

    id = models.UUIDField(primary_key=True, default=new_id)
    act = models.UUIDField(null=True)
    holder = models.UUIDField(null=True)
    reason = models.TextField()
    placed_at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        """A hold names one thing."""

        constraints = (
            models.CheckConstraint(condition=models.Q(act__isnull=True) ^ models.Q(holder__isnull=True), name="storage_hold_one"),
        )

    def __str__(self) -> str:
        """Show the key only."""
        return str(self.pk)
