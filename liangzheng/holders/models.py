"""Tables of holders and delegations."""

from __future__ import annotations

from django.db import models

from liangzheng.storage.columns import EncryptedText
from liangzheng.storage.ids import new_id


class Holder(models.Model):
    """A person or organisation; `code` is the identifier of the given type (GB/T 36903 Annex A: 001 USCC, 111 citizen number)."""

    id = models.UUIDField(primary_key=True, default=new_id)
    kind = models.TextField(choices=[("person", "自然人"), ("organisation", "法人或其他组织")])
    name = EncryptedText()
    code = EncryptedText()
    code_type = models.CharField(max_length=3)
    code_index = models.BinaryField(unique=True)
    region = models.CharField(max_length=6)
    photo = models.CharField(max_length=64, blank=True)
    is_demo = models.BooleanField(default=False)

    def __str__(self) -> str:
        """Show the key only."""
        return str(self.pk)


class Delegation(models.Model):
    """代为出示: a person may show one licence of the organisation, or all (`licence` empty), for a time and a purpose."""

    id = models.UUIDField(primary_key=True, default=new_id)
    organisation = models.ForeignKey(Holder, on_delete=models.PROTECT, related_name="given")
    person = models.ForeignKey(Holder, on_delete=models.PROTECT, related_name="received")
    licence = models.UUIDField(null=True, blank=True)
    purpose = models.TextField(blank=True)
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        """Show the key only."""
        return str(self.pk)
