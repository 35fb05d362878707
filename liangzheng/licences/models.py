"""Tables of licence records and of their status over time, after GB/T 36903 (fields reconstructed, see docs/glossary.md)."""

from __future__ import annotations

from django.db import models

from liangzheng.holders.models import Holder
from liangzheng.storage.columns import EncryptedText
from liangzheng.storage.ids import new_id


class Licence(models.Model):
    """One version of one licence. `face` is JSON text {field name: value}; `status` is ours, `source_status` the issuer's own.

    `plate_index`: of a vehicle's licence, the keyed index of plate and colour (`licences/plates.py`), which together name it.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    identifier = models.CharField(max_length=128, unique=True)
    type_code = models.CharField(max_length=21)
    type_name = models.TextField()
    holder = models.ForeignKey(Holder, on_delete=models.PROTECT)
    number = EncryptedText()
    number_index = models.BinaryField(db_index=True)
    plate_index = models.BinaryField(null=True, db_index=True)
    version = models.CharField(max_length=3)
    issuing_authority = models.TextField()
    issuing_authority_code = models.CharField(max_length=18)
    issued_on = models.DateField()
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    face = EncryptedText()
    status = models.TextField(default="valid")
    source_status = models.TextField(blank=True)
    status_at = models.DateTimeField(null=True, blank=True)
    status_note = models.TextField(blank=True)
    status_index = models.IntegerField(null=True, blank=True)
    region = models.CharField(max_length=6)
    supersedes = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT)
    file = models.CharField(max_length=64, blank=True)
    is_demo = models.BooleanField(default=False)

    def __str__(self) -> str:
        """Show the licence identifier, which is no personal data."""
        return self.identifier


class StatusChange(models.Model):
    """One thing a source said about the status of a licence: our word, its own code, since when, and when we heard of it."""

    id = models.UUIDField(primary_key=True, default=new_id)
    licence = models.ForeignKey(Licence, on_delete=models.PROTECT, related_name="status_changes")
    status = models.TextField()
    source_status = models.TextField(blank=True)
    since = models.DateTimeField()
    note = models.TextField(blank=True)
    recorded_at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=["licence", "since"], name="licences_status_by_licence"),)

    def __str__(self) -> str:
        """Show licence and status."""
        return f"{self.licence_id}: {self.status}"
