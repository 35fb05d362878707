"""评价: a party rates an inspection, and nobody can tell who did, the agency and the database's readers included.

A token is handed out once for an act and a party; only that it was handed out is kept. The token carries the agency and a
random number under a keyed digest. Redeeming it in a request without session writes a row that names agency, month and score
and that the app role cannot read. Sums appear when the month is over and has five ratings. Whoever changes the running
program could note the tokens it makes: what hides the rater from such an operator, blind signatures, is not built.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from liangzheng.errors import Malformed, Refused
from liangzheng.formats.strict_json import BadJson, from_base64url, to_base64url
from liangzheng.people.certificates import today_in_china
from liangzheng.people.models import User
from liangzheng.people.sessions import Actor
from liangzheng.rights.issue_receipt import holding
from liangzheng.rights.models import Rating, RatingTicket
from liangzheng.rights.uses import find_use
from liangzheng.storage.columns import index_value
from liangzheng.storage.tenancy import acting

_ID, _NONCE, _MAC = 16, 16, 16
SCORES = range(1, 6)
LEAST = 5
"""Ratings of a month below which nothing is told."""


@dataclass(frozen=True, slots=True)
class Sums:
    """One month of one agency: how many ratings, and how many of each score from 1 to 5."""

    month: date
    ratings: int
    scores: tuple[int, ...]


def token_for_use(actor: Actor, use: UUID, now: datetime) -> str:
    """Hand the holder the one token for the inspection a look belongs to."""
    with acting(actor.scope):
        entry = find_use(actor, use, now)
        return _hand_out(entry.act, entry.holder, entry.agency_id, entry.region, entry.holder)


def token_with_receipt(code: str) -> str:
    """Hand the bearer of a receipt the token; one who has an account gets it there, so that no officer takes it first."""
    with holding(code) as receipt:
        if receipt.holder is not None and User.objects.filter(holder=receipt.holder, is_active=True).exists():
            raise Refused("rating_in_app", "请本人登录后，在使用记录中评价。")
        return _hand_out(receipt.act, receipt.holder or receipt.entry, receipt.agency_id, receipt.region, receipt.holder)


def _hand_out(act: UUID | None, party: UUID | None, agency: UUID | None, region: str, holder: UUID | None) -> str:
    if act is None or party is None or agency is None:
        raise Refused("rating_no_inspection", "这条记录不属于一次检查，不能评价。")
    try:
        with transaction.atomic():
            RatingTicket(act=act, party=party, agency_id=agency, region=region, holder=holder).save(force_insert=True)
    except IntegrityError as error:
        raise Refused("rating_taken", "这次检查的评价凭证已经领取，每次检查只能评价一次。") from error
    body = agency.bytes + secrets.token_bytes(_NONCE)
    return to_base64url(body + _mac(body)).decode()


def _mac(body: bytes) -> bytes:
    return index_value(f"rating token {body.hex()}")[:_MAC]


def agency_of_token(token: str) -> UUID:
    """Read a token. Malformed when the platform did not make it."""
    try:
        data = from_base64url(token.encode())
    except BadJson as error:
        raise _unreadable() from error
    body, mac = data[: _ID + _NONCE], data[_ID + _NONCE :]
    if len(body) != _ID + _NONCE or not hmac.compare_digest(mac, _mac(body)):
        raise _unreadable()
    return UUID(bytes=body[:_ID])


def redeem(token: str, score: int, now: datetime) -> None:
    """Count a rating. Whoever calls this must not know who asks: no session, no actor, no log entry."""
    agency = agency_of_token(token)
    if score not in SCORES:
        raise Malformed("rating_unreadable", "请选择一至五分。")
    spent = hashlib.sha256(token.encode()).hexdigest()
    month = today_in_china(now).replace(day=1)
    try:
        with transaction.atomic():
            Rating(spent=spent, agency_id=agency, month=month, score=score).save(force_insert=True)
    except IntegrityError as error:
        raise Refused("rating_spent", "这份评价凭证已经使用过。") from error


def sums_of(agency: UUID) -> list[Sums]:
    """Give an agency's months that are over and have enough ratings, the newest first."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT month, ratings, scores FROM rights_rating_sums(%s)", [agency])
        return [Sums(month, ratings, tuple(scores)) for month, ratings, scores in cursor.fetchall()]


def _unreadable() -> Malformed:
    return Malformed("rating_unreadable", "评价凭证不完整，请从使用记录或者回执重新打开。")
