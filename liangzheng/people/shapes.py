"""Shapes of the routes about devices, second factors, sign-ins and outside identities. Bytes are base64url without padding."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from ninja import Field, Schema

from liangzheng.people.models import Device, SignIn


class PasswordIn(Schema):
    """Log-in data."""

    username: str = Field(max_length=64)
    password: str = Field(max_length=256)


class AgainIn(Schema):
    """The password once more, before a sensitive step."""

    password: str = Field(max_length=256)


class CodeIn(Schema):
    """A time code or recovery code as typed."""

    code: str = Field(max_length=32)


class ChallengeOut(Schema):
    """Random bytes (base64url) to be signed by a device key within two minutes."""

    challenge: str


class DeviceIn(Schema):
    """A device key with its proof: the signature (r || s) over `liangzheng enrol v1`, challenge and account id (16 bytes).

    `public_key` is the uncompressed point, 65 bytes; all three are base64url without padding.
    """

    public_key: str
    label: str
    challenge: str
    signature: str
    algorithm: str = "ES256"


class DeviceOut(Schema):
    """A device of the registry."""

    id: UUID
    user: UUID
    label: str
    algorithm: str
    enrolled_at: datetime
    last_seen_at: datetime
    revoked_at: datetime | None
    revoked_reason: str
    flagged_at: datetime | None
    wiped_at: datetime | None

    @classmethod
    def of(cls, device: Device) -> DeviceOut:
        """Describe a device."""
        names = [name for name in cls.model_fields if name not in {"id", "user"}]
        return cls(id=device.pk, user=device.user_id, **{name: getattr(device, name) for name in names})


class RevokeIn(Schema):
    """Why a device may no longer be used."""

    reason: str


class PasskeyOptions(Schema):
    """What the browser is to be asked (WebAuthn): `account` is the user handle, `known` are credential ids."""

    challenge: str
    relying_party: str
    account: str
    username: str
    known: list[str]


class NewPasskeyIn(Schema):
    """A new passkey: what `navigator.credentials.create` gave."""

    client_data: str = Field(max_length=32_000)
    attestation: str = Field(max_length=32_000)
    label: str = Field(max_length=100)


class UsedPasskeyIn(Schema):
    """A used passkey: what `navigator.credentials.get` gave."""

    credential_id: str = Field(max_length=1400)
    client_data: str = Field(max_length=32_000)
    authenticator_data: str = Field(max_length=32_000)
    signature: str = Field(max_length=200)


class NewTimeCodeOut(Schema):
    """A secret for an authenticator app, shown once; `uri` goes into a QR code."""

    secret: str
    uri: str


class RecoveryOut(Schema):
    """Recovery codes, shown once; empty when the account has some already."""

    codes: list[str]


class PasskeyOut(Schema):
    """A passkey of mine."""

    id: UUID
    label: str
    added_at: datetime
    used_at: datetime | None


class SignInOut(Schema):
    """A sign-in of mine that still holds; `device`: the label of the device it is bound to, "" none."""

    id: UUID
    started_at: datetime
    seen_at: datetime
    method: str
    factor: str
    device: str
    is_here: bool

    @classmethod
    def of(cls, row: SignIn, here: UUID) -> SignInOut:
        """Describe a sign-in."""
        values = {name: getattr(row, name) for name in ("started_at", "seen_at", "method", "factor")}
        return cls(id=row.pk, device=row.device.label if row.device else "", is_here=row.pk == here, **values)


class SecurityOut(Schema):
    """How my account is secured. `must_have`: a second factor is compulsory; `recovery_left`: unused recovery codes."""

    has_password: bool
    must_have: bool
    has_time_code: bool
    passkeys: list[PasskeyOut]
    recovery_left: int
    sign_ins: list[SignInOut]


class ProviderOut(Schema):
    """A sign-in provider that this installation speaks with."""

    key: str
    label: str


class IdentityIn(Schema):
    """The subject of a person at a provider, as the provider's administrator gave it."""

    provider: str = Field(max_length=40)
    subject: str = Field(min_length=1, max_length=255)


class EndedOut(Schema):
    """How many sign-ins were ended."""

    ended: int
