"""Tables of rights: receipts, delayed display, petitions, and ratings that no row leads back to a person from."""

from __future__ import annotations

from uuid import uuid4

from django.db import models

from liangzheng.storage.columns import EncryptedText
from liangzheng.storage.ids import new_id


class Receipt(models.Model):
    """回执: the signed receipt of one log entry. `code` opens it without log-in and is found again by its SHA-256."""

    id = models.UUIDField(primary_key=True, default=new_id)
    entry = models.UUIDField(unique=True)
    act = models.UUIDField(null=True)
    agency_id = models.UUIDField(null=True)
    region = models.CharField(max_length=6)
    holder = models.UUIDField(null=True)
    code = EncryptedText()
    code_hash = models.BinaryField(unique=True)
    signed = models.TextField()
    issued_at = models.DateTimeField()

    def __str__(self) -> str:
        """Show the key only."""
        return str(self.pk)


class DisplayDelay(models.Model):
    """延迟显示: what an act looks up about one holder is shown to him only after `ends_at`, if a supervisor has decided so.

    One for each act and holder, at most `LONGEST` days (`display_delay.py`), both held by the table itself: it cannot be renewed.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    act = models.UUIDField()
    act_code = models.CharField(max_length=32)
    holder = models.UUIDField()
    agency_id = models.UUIDField()
    region = models.CharField(max_length=6)
    days = models.SmallIntegerField()
    reason = EncryptedText()
    legal_basis = models.TextField()
    requested_by = models.UUIDField()
    requested_at = models.DateTimeField()
    decision = models.TextField(blank=True, choices=[("", "待批准"), ("approved", "批准"), ("refused", "不批准")])
    decided_by = models.UUIDField(null=True)
    decided_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)

    class Meta:
        """A term has an end, or nothing is delayed."""

        constraints = (
            models.UniqueConstraint(fields=["act", "holder"], name="rights_delay_once"),
            models.CheckConstraint(condition=models.Q(days__gte=1, days__lte=90), name="rights_delay_days"),
            models.CheckConstraint(
                condition=~models.Q(decision="approved") | models.Q(ends_at__isnull=False, decided_at__isnull=False),
                name="rights_delay_has_an_end",
            ),
        )

    def __str__(self) -> str:
        """Show the key only."""
        return str(self.pk)


class Petition(models.Model):
    """异议、纠错或者投诉, with its deadline in working days and the answer. `entry`, `act`: what it is about, if it is known.

    `entered_by`: the officer who wrote it down for somebody without a phone. `addressed_to`: the authority that has to act,
    the agency itself or the issuer of the licence; then `forwarded_at` and `forward_reference` say how it got there.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    number = models.CharField(max_length=32, unique=True)
    kind = models.TextField(choices=[("objection", "异议"), ("correction", "纠错"), ("complaint", "投诉")])
    entry = models.UUIDField(null=True)
    act = models.UUIDField(null=True)
    act_code = models.CharField(max_length=32, blank=True)
    agency_id = models.UUIDField()
    region = models.CharField(max_length=6)
    holder = models.UUIDField(null=True)
    licence = models.UUIDField(null=True)
    field = models.TextField(blank=True)
    name = EncryptedText(default="")
    contact = EncryptedText(default="")
    text = EncryptedText()
    channel = models.TextField(choices=[("phone", "本人手机"), ("receipt", "凭回执"), ("paper", "纸质代填")])
    entered_by = models.UUIDField(null=True)
    received_at = models.DateTimeField()
    due_on = models.DateField()
    is_due_provisional = models.BooleanField()
    state = models.TextField(
        choices=[("received", "已受理"), ("forwarded", "已转办"), ("answered", "已答复"), ("withdrawn", "已撤回")]
    )
    addressed_to = models.TextField()
    forwarded_at = models.DateTimeField(null=True)
    forward_reference = models.TextField(blank=True)
    outcome = models.TextField(blank=True, choices=[("upheld", "成立"), ("partly", "部分成立"), ("rejected", "不成立")])
    answer = EncryptedText(default="")
    answered_by = models.UUIDField(null=True)
    answered_at = models.DateTimeField(null=True)
    request_key = models.UUIDField(unique=True)

    class Meta:
        indexes = (
            models.Index(fields=["holder"], name="rights_petition_holder"),
            models.Index(fields=["agency_id", "state", "due_on"], name="rights_petition_due"),
            models.Index(fields=["entry"], name="rights_petition_entry"),
        )

    def __str__(self) -> str:
        """Show the number."""
        return self.number


class RatingTicket(models.Model):
    """A rating token was handed out for this act to this party; nothing about the token, nothing about the rating."""

    id = models.UUIDField(primary_key=True, default=uuid4)
    act = models.UUIDField()
    party = models.UUIDField()
    agency_id = models.UUIDField()
    region = models.CharField(max_length=6)
    holder = models.UUIDField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["act", "party"], name="rights_ticket_once"),)

    def __str__(self) -> str:
        """Show the key only."""
        return str(self.pk)


class Rating(models.Model):
    """评价: a score of a month. The app role may add one and never read one; only sums of five and more leave the table."""

    spent = models.CharField(primary_key=True, max_length=64)
    agency_id = models.UUIDField()
    month = models.DateField()
    score = models.SmallIntegerField()

    class Meta:
        constraints = (
            models.CheckConstraint(condition=models.Q(score__gte=1, score__lte=5), name="rights_score"),
            models.CheckConstraint(condition=models.Q(month__day=1), name="rights_month"),
        )

    def __str__(self) -> str:
        """Show nothing that names the token."""
        return f"{self.month:%Y-%m}"
