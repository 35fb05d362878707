"""Who may hold which post beside which, and what a delegation covers. Pure: what is held comes in, an error code goes out."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

THREE = ("system_admin", "security_admin", "auditor")
"""三员: system, security and audit administrator (GB/T 22239-2019, third level); nobody holds two."""
LONGEST_DELEGATION_YEARS = 5
"""A delegation has a term; the law names no length, this limit is the product's own."""


@dataclass(frozen=True, slots=True)
class PostRule:
    """`label` in Chinese; `sides`: which accounts may hold it; `is_sensitive`: a second person approves."""

    label: str
    sides: frozenset[str]
    is_sensitive: bool = False


_OFFICER, _ADMINISTRATOR = frozenset({"officer"}), frozenset({"administrator"})
POSTS: Mapping[str, PostRule] = MappingProxyType(
    {
        "lead_officer": PostRule("主办执法人员", _OFFICER),
        "legal_reviewer": PostRule("法制审核人员", _OFFICER),
        "agency_head": PostRule("执法机关负责人", _OFFICER, is_sensitive=True),
        "archivist": PostRule("档案管理员", _OFFICER | _ADMINISTRATOR),
        "data_admin": PostRule("数据管理员", _OFFICER | _ADMINISTRATOR),
        "supervisor": PostRule("执法监督人员", frozenset({"supervisor"}), is_sensitive=True),
        "system_admin": PostRule("系统管理员", _ADMINISTRATOR, is_sensitive=True),
        "security_admin": PostRule("安全管理员", _ADMINISTRATOR, is_sensitive=True),
        "auditor": PostRule("审计管理员", frozenset({"auditor"}), is_sensitive=True),
    }
)
ADMINISTERING = frozenset({"system_admin", "security_admin", "data_admin", "archivist"})


def post_problem(post: str, role: str, held_by_person: Collection[str]) -> str:
    """Give "" when an account of this role may hold the post, else the error code.

    `held_by_person`: posts held or proposed for any account of the same person.
    """
    rule = POSTS.get(post)
    if rule is None:
        return "post_unknown"
    if role == "auxiliary":
        return "auxiliary_not_counted"  # R03: in nothing that counts
    if role not in rule.sides:
        return "post_not_for_account"
    others = set(held_by_person) - {post}
    if post in THREE and others & set(THREE):
        return "posts_exclude"
    is_audit, is_administration = post == "auditor", post in ADMINISTERING
    if (is_audit and others & ADMINISTERING) or (is_administration and "auditor" in others):
        return "posts_exclude"
    return ""


@dataclass(frozen=True, slots=True)
class Delegated:
    """A written delegation as far as it decides: what, where, since when and until when (whole days)."""

    powers: tuple[str, ...]
    sector: str
    area_code: str
    valid_from: date
    valid_to: date
    is_revoked: bool


def delegation_problem(delegations: Sequence[Delegated], power: str, sector: str, area_code: str, day: date) -> str:
    """Give "" when one of the delegations covers this power, field and area on this day, else the error code (R04)."""
    if power == "coercion":
        return "coercion_not_delegable"  # 行政强制法 17
    covered = any(
        power in one.powers
        and one.sector == sector
        and area_code.startswith(_prefix(one.area_code))
        and one.valid_from <= day <= one.valid_to
        and not one.is_revoked
        for one in delegations
    )
    return "" if covered else "delegation_not_valid"


def _prefix(area_code: str) -> str:
    """Take the pairs of zeros off a region code (GB/T 2260): 370600 covers 3706…"""
    while area_code.endswith("00"):
        area_code = area_code[:-2]
    return area_code or "-"
