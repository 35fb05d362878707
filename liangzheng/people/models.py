"""Tables of regions, agencies, accounts, officers and enforcement certificates."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.db import models

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
        choices=[("officer", "执法人员"), ("auxiliary", "执法辅助人员"), ("holder", "持证主体"), ("administrator", "管理员")]
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
