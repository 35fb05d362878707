"""Tables of supervision: inquiries to agencies and their answers."""

from __future__ import annotations

from django.db import models

from liangzheng.people.models import Agency
from liangzheng.storage.columns import EncryptedText
from liangzheng.storage.ids import new_id


class Inquiry(models.Model):
    """督办: a supervisor's question to an agency, about an alarm or an act or in general, with a day by which it is answered."""

    id = models.UUIDField(primary_key=True, default=new_id)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT)
    region = models.CharField(max_length=6)
    alarm = models.UUIDField(null=True)
    act = models.UUIDField(null=True)
    question = EncryptedText()
    asked_by = models.UUIDField()
    asked_at = models.DateTimeField()
    due_on = models.DateField()
    request_key = models.UUIDField(unique=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.UUIDField(null=True)

    def __str__(self) -> str:
        """Show the key only."""
        return str(self.pk)


class InquiryAnswer(models.Model):
    """An agency's answer; several may follow one another until the supervisor closes the inquiry."""

    id = models.UUIDField(primary_key=True, default=new_id)
    inquiry = models.ForeignKey(Inquiry, on_delete=models.PROTECT, related_name="answers")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT)
    region = models.CharField(max_length=6)
    text = EncryptedText()
    by = models.UUIDField()
    at = models.DateTimeField()

    def __str__(self) -> str:
        """Show the key only."""
        return str(self.pk)
