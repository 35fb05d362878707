"""The encrypted column: every personal value is stored sealed, bound to its table, column and row.

Stored form: key number (1 byte) ‖ sealed value (`crypto/envelope.py`). A sealed value moved to another row, column or
table does not open. Such a column cannot be searched; a keyed blind index stands beside it where look-up is needed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.query_utils import DeferredAttribute

from liangzheng.crypto.envelope import blind_index, open_value, seal_value
from liangzheng.storage.keystore import keyring

if TYPE_CHECKING:
    _TextField = models.Field[str, str]
else:
    _TextField = models.Field


class _Sealed(bytes):
    """Bytes as they lie in the row, not opened yet."""

    __slots__ = ()


def _context(table: str, column: str, row: object) -> bytes:
    return f"{table}|{column}|{row}".encode()


def seal_column(table: str, column: str, row: object, text: str) -> bytes:
    """Seal one value for one cell, as the ORM field does; for rows written by hand-made SQL."""
    if not text:
        return b""  # that a field is empty is no secret
    ring = keyring()
    key = ring.data_keys[ring.current]
    sealed = seal_value(key, text.encode(), context=_context(table, column, row), cipher=ring.cipher)
    return bytes([ring.current]) + sealed


def open_column(table: str, column: str, row: object, stored: bytes) -> str:
    """Open one cell; a value sealed for another cell raises."""
    if not stored:
        return ""
    return open_value(keyring().data_keys[stored[0]], stored[1:], context=_context(table, column, row)).decode()


def index_value(text: str) -> bytes:
    """Give the keyed blind index (32 bytes) of a personal value, for equality look-ups only."""
    return blind_index(keyring().index_key, text)


class _OpeningAttribute(DeferredAttribute):
    """Opens the value when it is first read, because only then the row's key is known."""

    field: EncryptedText

    def __get__(self, instance: models.Model | None, cls: type[models.Model] | None = None) -> Any:  # noqa: ANN401 - descriptor protocol
        value = super().__get__(instance, cls)
        if instance is not None and isinstance(value, _Sealed):
            value = open_column(instance._meta.db_table, self.field.column or self.field.attname, instance.pk, bytes(value))  # noqa: SLF001 - Django's public _meta
            instance.__dict__[self.field.attname] = value
        return value

    def __set__(self, instance: models.Model, value: object) -> None:
        """Make this a data descriptor, so that reading always comes through `__get__`."""
        instance.__dict__[self.field.attname] = value


class EncryptedText(_TextField):
    """Text that lies sealed in the database. Not searchable, not orderable, never in a unique constraint."""

    descriptor_class = _OpeningAttribute

    def db_type(self, connection: BaseDatabaseWrapper) -> str:  # noqa: ARG002 - Django's signature
        """Store as bytes."""
        return "bytea"

    def from_db_value(self, value: bytes | None, _expression: object, _connection: BaseDatabaseWrapper) -> _Sealed | None:
        """Keep the cell sealed until it is read."""
        return None if value is None else _Sealed(value)

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:  # noqa: ANN401, ARG002, FBT001 - Django's signature
        """Seal for this row."""
        text = getattr(model_instance, self.attname)
        if text is None:
            return None
        return seal_column(model_instance._meta.db_table, self.column or self.attname, model_instance.pk, text)  # noqa: SLF001

    def get_lookup(self, lookup_name: str) -> Any:  # noqa: ANN401 - Django's signature
        """Refuse searching, which would compare ciphertexts and silently find nothing."""
        if lookup_name != "isnull":
            message = f"{self.name} is encrypted: search its blind index instead"
            raise TypeError(message)
        return super().get_lookup(lookup_name)
