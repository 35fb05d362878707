"""删除个人信息: empties what the platform itself keeps about a holder. Case files stay until their own term is over.

Older copies (dumps, WAL, replicas) die with the data key they were sealed with: `liangzheng keys rotate` and `retire`.
"""

from __future__ import annotations

import secrets
from datetime import datetime
from uuid import UUID

from liangzheng.auditlog.erase import erase_holder
from liangzheng.errors import NotFound, Refused
from liangzheng.holders.models import Holder
from liangzheng.licences.models import Licence
from liangzheng.people.models import User
from liangzheng.storage.models import LegalHold
from liangzheng.storage.tenancy import keeping

_INDEX_BYTES = 32


def erase_person(holder: UUID, reason: str, now: datetime) -> str:
    """Erase a holder's identity, licences, account and log entries, by the owner role. Refused while he is held.

    The rows stay, so that what refers to them still does; their photos and files are nobody's from here on and are swept.
    """
    with keeping():
        row = Holder.objects.select_for_update().filter(pk=holder).first()
        if row is None:
            raise NotFound("holder_not_found", "没有这个持证主体。")
        if LegalHold.objects.filter(holder=holder, lifted_at=None).exists():
            raise Refused("legal_hold", "该主体的数据依法留存，解除之前不能删除。")
        row.name = row.code = row.photo = ""
        row.code_index = secrets.token_bytes(_INDEX_BYTES)
        row.save(update_fields=["name", "code", "photo", "code_index"])
        licences = list(Licence.objects.filter(holder=holder))
        for licence in licences:
            _empty(licence)
        for user in User.objects.filter(holder=holder):
            user.username, user.name, user.is_active = f"erased-{user.pk}", "", False
            user.set_unusable_password()
            user.save(update_fields=["username", "name", "is_active", "password"])
        entries = erase_holder(holder, now, reason)
    return f"erased: 1 holder, {len(licences)} licences, {entries} log entries"


def _empty(licence: Licence) -> None:
    licence.number = licence.file = ""
    licence.face, licence.number_index, licence.status = "{}", secrets.token_bytes(_INDEX_BYTES), "cancelled"
    licence.save(update_fields=["number", "file", "face", "number_index", "status"])
