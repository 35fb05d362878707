"""The table of licence types that may be used in enforcement (电子证照清单), by version."""

from __future__ import annotations

from django.db import models

from liangzheng.storage.ids import new_id


class LicenceTypeEntry(models.Model):
    """One version of one type; `record` is its full data in the form of `data/licence_types.json`."""

    id = models.UUIDField(primary_key=True, default=new_id)
    type_code = models.CharField(max_length=64)
    version = models.IntegerField()
    list_state = models.TextField()
    effective_from = models.DateField()
    effective_to = models.DateField(null=True, blank=True)
    record = models.JSONField()
    is_demo = models.BooleanField(default=False)

    class Meta:
        """A version is written once."""

        constraints = (models.UniqueConstraint(fields=["type_code", "version"], name="catalogue_type_version"),)

    def __str__(self) -> str:
        """Show code and version."""
        return f"{self.type_code} v{self.version}"
