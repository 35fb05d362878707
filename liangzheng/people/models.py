"""Tables of regions, agencies, accounts and how they sign in, officers and enforcement certificates."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from liangzheng.people.checks import THREE
from liangzheng.storage.columns import EncryptedText
from liangzheng.storage.ids import new_id


class Region(models.Model):
    """行政区划 (GB/T 2260), six digits."""

    code = models.CharField(primary_key=True, max_length=6)
    name = models.TextField()

    def __str__(self) -> str:
        """Show the name."""
        return self.name


class Agency(models.Model):
    """执法主体: the body in whose name officers act."""

    id = models.UUIDField(primary_key=True, default=new_id)
    name = models.TextField()
    uscc = models.CharField(max_length=18, unique=True)
    region = models.ForeignKey(Region, on_delete=models.PROTECT)
    sector = models.TextField()
    sector_label = models.TextField()
    supervision_phone = models.TextField()
    basis = models.TextField(
        default="statutory", choices=[("statutory", "行政机关"), ("authorised", "法律法规授权组织"), ("delegated", "受委托组织")]
    )
    is_demo = models.BooleanField(default=False)

    def __str__(self) -> str:
        """Show the name."""
        return self.name


class UserManager(BaseUserManager["User"]):
    """Makes accounts; `createsuperuser` needs the second method."""

    def create_user(self, username: str, password: str, **values: object) -> User:
        """Make an account with a hashed password."""
        user = self.model(username=username, **values)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, username: str, password: str, **values: object) -> User:
        """Make an administrator's account."""
        return self.create_user(
            username, password, is_staff=True, is_superuser=True, role="administrator", name=username, **values
        )


class User(AbstractBaseUser, PermissionsMixin):
    """An account. `role` says which side of the scan it stands on; `agency` or `holder` says for whom."""

    id = models.UUIDField(primary_key=True, default=new_id)
    username = models.CharField(max_length=64, unique=True)
    name = EncryptedText()
    role = models.TextField(
        choices=[
            ("officer", "执法人员"),
            ("auxiliary", "执法辅助人员"),
            ("holder", "持证主体"),
            ("administrator", "管理员"),
            ("supervisor", "执法监督人员"),
            ("auditor", "审计人员"),
        ]
    )
    agency = models.ForeignKey(Agency, null=True, blank=True, on_delete=models.PROTECT)
    holder = models.UUIDField(null=True, blank=True)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    is_demo = models.BooleanField(default=False)

    objects: ClassVar[UserManager] = UserManager()
    USERNAME_FIELD = "username"

    def __str__(self) -> str:
        """Show the log-in, not the person's name."""
        return self.username


class Officer(models.Model):
    """执法人员, or an auxiliary (执法辅助人员), who never has a certificate and never counts (R03)."""

    user = models.OneToOneField(User, primary_key=True, on_delete=models.PROTECT)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT)
    region = models.CharField(max_length=6)
    is_auxiliary = models.BooleanField(default=False)
    photo = models.CharField(max_length=64, blank=True)

    def __str__(self) -> str:
        """Show the key only."""
        return str(self.pk)


class EnforcementCertificate(models.Model):
    """行政执法证 of one officer. The number is opaque (domain.md §2.5)."""

    id = models.UUIDField(primary_key=True, default=new_id)
    officer = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="certificates")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT)
    region = models.CharField(max_length=6)
    number = models.CharField(max_length=32, unique=True)
    kind = models.TextField()
    fields = ArrayField(models.TextField())
    area = models.TextField()
    area_code = models.CharField(max_length=6)
    valid_from = models.DateField()
    valid_to = models.DateField()
    checked_through = models.DateField(null=True, blank=True)  # 年审: last day the yearly check covers; None: none is kept here
    status = models.TextField(default="valid")
    is_demo = models.BooleanField(default=False)

    def __str__(self) -> str:
        """Show the certificate number, which is public."""
        return self.number


class Device(models.Model):
    """A phone that proved to hold its key. It belongs to one account for good; once revoked it stays revoked.

    `flagged_at`: it sent two different events with one number, or a chain that does not fit; `wiped_at`: it was told to wipe.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="devices")
    public_point = models.BinaryField(unique=True)
    algorithm = models.TextField(choices=[("ES256", "ES256"), ("SM2", "SM2")])
    label = EncryptedText()
    enrolled_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_reason = models.TextField(blank=True)
    revoked_by = models.UUIDField(null=True, blank=True)
    flagged_at = models.DateTimeField(null=True, blank=True)
    wiped_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        """Show the key only."""
        return str(self.pk)


class SignIn(models.Model):
    """One session of an account on one browser. `browser` is a keyed digest of what the browser calls itself.

    `factor`: what was shown beside the password, "" nothing; `proved_at`: when the device last signed a challenge.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sign_ins")
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    method = models.TextField(choices=[("password", "密码"), ("passkey", "通行密钥"), ("outside", "统一认证")])
    factor = models.TextField(blank=True)
    browser = models.BinaryField()
    device = models.ForeignKey(Device, null=True, blank=True, on_delete=models.PROTECT)
    proved_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        """Show the key only."""
        return str(self.pk)


class SignInTally(models.Model):
    """Failures counted under a keyed digest of account, address or browser; before `open_at` nothing is tried."""

    key = models.BinaryField(primary_key=True)
    failures = models.IntegerField()
    last_at = models.DateTimeField()
    open_at = models.DateTimeField()

    def __str__(self) -> str:
        """Show the count only."""
        return str(self.failures)


class TimeCode(models.Model):
    """动态口令 (RFC 6238) of an account. `last_step` is the newest step used: a code works once."""

    user = models.OneToOneField(User, primary_key=True, on_delete=models.CASCADE, related_name="time_code")
    secret = EncryptedText()
    last_step = models.BigIntegerField()
    added_at = models.DateTimeField()

    def __str__(self) -> str:
        """Show the key only."""
        return str(self.pk)


class Passkey(models.Model):
    """通行密钥 (WebAuthn credential, ES256) of an account; the private key stays in the person's authenticator."""

    id = models.UUIDField(primary_key=True, default=new_id)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="passkeys")
    credential_id = models.BinaryField(unique=True)
    public_point = models.BinaryField()
    sign_count = models.BigIntegerField()
    label = EncryptedText()
    added_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        """Show the key only."""
        return str(self.pk)


class RecoveryCode(models.Model):
    """备用码: works once, for the day when phone and passkey are lost; only its keyed digest is kept."""

    digest = models.BinaryField(primary_key=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="recovery_codes")

    def __str__(self) -> str:
        """Show nothing of it."""
        return "recovery code"


class OutsideIdentity(models.Model):
    """An account's subject at a sign-in provider (统一认证), linked by an administrator; the subject itself is not kept."""

    id = models.UUIDField(primary_key=True, default=new_id)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="outside_identities")
    provider = models.TextField()
    subject_index = models.BinaryField(unique=True)
    linked_by = models.UUIDField(null=True, blank=True)
    linked_at = models.DateTimeField()

    def __str__(self) -> str:
        """Show the provider only."""
        return self.provider


class CertificateEvent(models.Model):
    """What was decided about a certificate: suspended, resumed, cancelled, or checked for the year; written once."""

    id = models.UUIDField(primary_key=True, default=new_id)
    certificate = models.ForeignKey(EnforcementCertificate, on_delete=models.PROTECT, related_name="events")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT)
    region = models.CharField(max_length=6)
    kind = models.TextField(choices=[("suspend", "暂扣"), ("resume", "恢复"), ("cancel", "注销"), ("annual_check", "年审")])
    reason = models.TextField()
    decided_by = models.UUIDField()
    decided_at = models.DateTimeField()
    checked_through = models.DateField(null=True, blank=True)

    def __str__(self) -> str:
        """Show the kind."""
        return self.kind


class PostGrant(models.Model):
    """岗位授权: a post that an account holds from `approved_at` to `ended_at`. `proposed_by` None: appointed by the operator."""

    id = models.UUIDField(primary_key=True, default=new_id)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="posts")
    post = models.TextField()
    reason = models.TextField()
    proposed_by = models.UUIDField(null=True, blank=True)
    proposed_at = models.DateTimeField()
    approved_by = models.UUIDField(null=True, blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.UUIDField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """What no statement may do, whoever runs it: grant oneself, approve one's own proposal, hold two of the three."""

        constraints: ClassVar = [
            models.CheckConstraint(
                name="nobody_grants_himself",
                condition=(Q(proposed_by=None) | ~Q(proposed_by=F("user"))) & (Q(approved_by=None) | ~Q(approved_by=F("user"))),
            ),
            models.CheckConstraint(name="two_persons", condition=Q(approved_by=None) | ~Q(approved_by=F("proposed_by"))),
            models.UniqueConstraint(name="a_post_once", fields=["user", "post"], condition=Q(ended_at=None)),
            models.UniqueConstraint(name="one_of_three", fields=["user"], condition=Q(ended_at=None, post__in=THREE)),
        ]

    def __str__(self) -> str:
        """Show the post."""
        return self.post


class PowerDelegation(models.Model):
    """委托执法: an agency has another organisation act in its name, in writing and published (R04); never for coercion."""

    id = models.UUIDField(primary_key=True, default=new_id)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="powers_given")
    region = models.CharField(max_length=6)
    delegate = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="powers_received")
    powers = ArrayField(models.TextField(choices=[("inspection", "行政检查"), ("penalty", "行政处罚")]))
    matters = ArrayField(models.TextField())
    sector = models.TextField()
    area_code = models.CharField(max_length=6)
    document_number = models.TextField()
    published_at = models.URLField(max_length=300)
    valid_from = models.DateField()
    valid_to = models.DateField()
    entered_by = models.UUIDField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """A delegation ends, and nobody delegates to himself."""

        constraints: ClassVar = [
            models.CheckConstraint(name="a_delegation_ends", condition=Q(valid_to__gte=F("valid_from"))),
            models.CheckConstraint(name="not_to_oneself", condition=~Q(agency=F("delegate"))),
        ]

    def __str__(self) -> str:
        """Show the document's number, which is published."""
        return self.document_number
