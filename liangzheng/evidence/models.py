"""The table of exhibits."""

from __future__ import annotations

from django.db import models

from liangzheng.cases.models import Act
from liangzheng.people.models import Agency
from liangzheng.storage.columns import EncryptedText
from liangzheng.storage.ids import new_id


class Exhibit(models.Model):
    """An original file kept as evidence; `sha256` is also its name in the object store. Never changed after writing."""

    id = models.UUIDField(primary_key=True, default=new_id)
    act = models.ForeignKey(Act, on_delete=models.PROTECT, related_name="exhibits")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT)
    region = models.CharField(max_length=6)
    number = models.IntegerField()
    kind = models.TextField()
    title = models.TextField()
    scan = models.UUIDField(null=True)
    licence = models.UUIDField(null=True)
    size = models.IntegerField()
    sm3 = models.CharField(max_length=64)
    sha256 = models.CharField(max_length=64)
    standing = models.TextField()
    report = EncryptedText()
    is_demo = models.BooleanField(default=False)
    kept_by = models.UUIDField()
    kept_at = models.DateTimeField()

    class Meta:
        """The same bytes are kept once in an act; numbers are counted."""

        constraints = (
            models.UniqueConstraint(fields=["act", "sha256"], name="evidence_bytes_once"),
            models.UniqueConstraint(fields=["act", "number"], name="evidence_number_once"),
        )

    def __str__(self) -> str:
        """Show the key only."""
        return str(self.pk)
