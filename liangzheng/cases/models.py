"""Tables of inspection acts: the act, its officers, what is written in its record, physical licences, documents."""

from __future__ import annotations

from django.db import models

from liangzheng.people.models import Agency, EnforcementCertificate, Officer
from liangzheng.storage.columns import EncryptedText
from liangzheng.storage.ids import new_id


class Act(models.Model):
    """行政检查行为. `asks` is JSON text of what the officer typed when opening it (plate, mass, …).

    `assignment_number`: the joint-enforcement or assignment document that takes an officer beyond his certificate; "": none.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    act_code = models.CharField(max_length=32, unique=True)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT)
    region = models.CharField(max_length=6)
    subject = models.TextField()
    place = EncryptedText()
    asks = EncryptedText()
    opened_by = models.ForeignKey(Officer, on_delete=models.PROTECT)
    opened_at = models.DateTimeField()
    recorded_at = models.DateTimeField(null=True, blank=True)
    request_key = models.UUIDField()
    assignment_number = models.TextField(blank=True, default="")

    class Meta:
        """The same phone request opens one act."""

        constraints = (models.UniqueConstraint(fields=["opened_by", "request_key"], name="cases_act_request"),)

    def __str__(self) -> str:
        """Show the act code, which is public."""
        return self.act_code


class ActOfficer(models.Model):
    """An officer of the act, and the showing of his certificate (处罚法 42, 55; rules R01, R02)."""

    id = models.UUIDField(primary_key=True, default=new_id)
    act = models.ForeignKey(Act, on_delete=models.PROTECT, related_name="officers")
    officer = models.ForeignKey(Officer, on_delete=models.PROTECT)
    certificate = models.ForeignKey(EnforcementCertificate, on_delete=models.PROTECT)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT)
    region = models.CharField(max_length=6)
    match_number = models.CharField(max_length=4)
    shown_at = models.DateTimeField(null=True, blank=True)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    declined_at = models.DateTimeField(null=True, blank=True)
    decline_note = EncryptedText(default="")

    class Meta:
        """An officer stands in an act once, and so does a certificate."""

        constraints = (
            models.UniqueConstraint(fields=["act", "officer"], name="cases_officer_once"),
            models.UniqueConstraint(fields=["act", "certificate"], name="cases_certificate_once"),
        )

    def __str__(self) -> str:
        """Show the key only."""
        return str(self.pk)


class RecordValue(models.Model):
    """One value of 现场检查笔录 with its provenance. Append-only: the newest of a field counts, the older ones stay."""

    id = models.UUIDField(primary_key=True, default=new_id)
    act = models.ForeignKey(Act, on_delete=models.PROTECT, related_name="values")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT)
    region = models.CharField(max_length=6)
    field = models.TextField()
    value = EncryptedText()
    kind = models.TextField()
    scan = models.UUIDField(null=True)
    licence = models.UUIDField(null=True)
    licence_type = models.TextField(blank=True)
    licence_field = models.TextField(blank=True)
    standing = models.TextField(blank=True)
    reason = EncryptedText(default="")
    by = models.UUIDField()
    at = models.DateTimeField()

    def __str__(self) -> str:
        """Show the field, not the value."""
        return self.field


class PhysicalLicence(models.Model):
    """A physical licence written down by hand: no phone, or the law demands paper. Always unverified."""

    id = models.UUIDField(primary_key=True, default=new_id)
    act = models.ForeignKey(Act, on_delete=models.PROTECT, related_name="physical_licences")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT)
    region = models.CharField(max_length=6)
    requirement = models.TextField()
    unverified_holder_name = EncryptedText()
    unverified_number = EncryptedText()
    unverified_valid_to = models.DateField(null=True)
    note = EncryptedText()
    by = models.UUIDField()
    at = models.DateTimeField()
    request_key = models.UUIDField(unique=True)

    def __str__(self) -> str:
        """Show the key only."""
        return str(self.pk)


class Document(models.Model):
    """A document written for the act; `object` is the SHA-256 of its bytes and their name in the object store."""

    id = models.UUIDField(primary_key=True, default=new_id)
    act = models.ForeignKey(Act, on_delete=models.PROTECT, related_name="documents")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT)
    region = models.CharField(max_length=6)
    title = models.TextField()
    number = models.TextField()
    version = models.IntegerField()
    object = models.CharField(max_length=64)
    sm3 = models.CharField(max_length=64)
    by = models.UUIDField()
    at = models.DateTimeField()
    request_key = models.UUIDField(unique=True)

    class Meta:
        """Versions of an act's document are counted."""

        constraints = (models.UniqueConstraint(fields=["act", "title", "version"], name="cases_document_version"),)

    def __str__(self) -> str:
        """Show the document number."""
        return self.number
