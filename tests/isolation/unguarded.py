"""The product with its application checks switched off, for a server that a test starts: what is left is row-level security.

Anybody may call everything, signed in or not, and every condition on whose row it is has been forgotten.
"""

from __future__ import annotations

from typing import Any

import django
from django.apps import apps

if not apps.ready:
    django.setup()

from django.db.models import Q
from django.db.models.query import QuerySet
from django.http import HttpRequest

from liangzheng.people import api
from liangzheng.people.models import User
from liangzheng.people.sessions import Actor, actor_of
from liangzheng.server.wsgi import application
from liangzheng.storage.ids import new_id

__all__ = ["application"]
OWNERSHIP = frozenset({"officers__officer", "officer", "holder", "user", "user__agency", "agency", "person", "organisation"})
FORGOTTEN_BESIDE_A_KEY = frozenset({"act", "act_id", "device"})
_filter = QuerySet._filter_or_exclude_inplace  # type: ignore[attr-defined]


def _kept(conditions: dict[str, Any]) -> dict[str, Any]:
    forgotten = OWNERSHIP | FORGOTTEN_BESIDE_A_KEY if {"pk", "id"} & set(conditions) else OWNERSHIP
    return {name: value for name, value in conditions.items() if name not in forgotten}


def _pruned(condition: Any) -> Any:  # noqa: ANN401 - a Q, or one of its (name, value) leaves
    if not isinstance(condition, Q):
        return condition
    children: list[Any] = condition.children
    kept = [_pruned(child) for child in children if isinstance(child, Q) or child[0] not in OWNERSHIP]
    return Q(*kept, _connector=condition.connector, _negated=condition.negated) if kept else Q()


def _forgetful(self: QuerySet[Any], negate: bool, args: Any, kwargs: dict[str, Any]) -> None:  # noqa: ANN401, FBT001 - Django's signature
    if negate:
        _filter(self, negate, args, kwargs)
    else:
        _filter(self, negate, tuple(_pruned(item) for item in args), _kept(kwargs))


def _first_of(self: QuerySet[Any], *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - Django's signature
    found = self.filter(*args, **kwargs).first()
    if found is None:
        raise self.model.DoesNotExist
    return found


def _anybody(_session: object, request: HttpRequest, _key: str | None) -> Actor:
    user = request.user
    return actor_of(user) if isinstance(user, User) else Actor(new_id(), "", "officer", None, "", None, is_demo=True)


QuerySet._filter_or_exclude_inplace = _forgetful  # type: ignore[attr-defined]
QuerySet.get = _first_of  # type: ignore[method-assign]
api._Session.authenticate = _anybody  # type: ignore[assignment,method-assign]
