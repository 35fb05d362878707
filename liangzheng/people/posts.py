"""岗位: propose, approve and end the posts of accounts. A security administrator grants; nobody grants himself."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q

from liangzheng.auditlog.append import Event, append
from liangzheng.errors import Malformed, NotAllowed, NotFound, Refused
from liangzheng.people.checks import POSTS, post_problem
from liangzheng.people.models import PostGrant, User
from liangzheng.people.sessions import Actor
from liangzheng.storage.tenancy import Scope, acting

FIRST_APPOINTED = 2
"""Security administrators whom the operator appoints; they appoint everybody else."""
_LONGEST_REASON = 200  # characters
_MESSAGES = {
    "post_unknown": "没有这个岗位。",
    "auxiliary_not_counted": "执法辅助人员不能担任这个岗位。",
    "post_not_for_account": "这类账号不能担任这个岗位。",
    "posts_exclude": "与此人已有的岗位不能兼任（三员分立、管理与审计分离）。",
}


def posts_of(user: UUID) -> set[str]:
    """Give the posts that an account holds now."""
    held = PostGrant.objects.filter(user=user, ended_at=None).exclude(approved_at=None)
    return set(held.values_list("post", flat=True))


def require_post(actor: Actor, *posts: str) -> None:
    """NotAllowed `post_needed` unless the actor holds one of the posts."""
    if not posts_of(actor.user) & set(posts):
        names = "、".join(POSTS[post].label for post in posts)
        raise NotAllowed("post_needed", f"此功能只对{names}开放。")


def account_of(actor: Actor, username: str) -> User:
    """Find an account that the administrator keeps: of his agency; one without an agency keeps all. NotFound."""
    user = User.objects.select_related("agency").filter(username=username).first()
    if user is None or (actor.agency is not None and user.agency_id != actor.agency):
        raise NotFound("account_not_found", "没有这个账号，或者不归您管理。")
    return user


def propose(actor: Actor, username: str, post: str, reason: str, now: datetime) -> PostGrant:
    """Propose a post; it holds at once unless it is sensitive, then from the approval of a second person on."""
    require_post(actor, "security_admin")
    user = account_of(actor, username)
    if user.pk == actor.user:
        raise Refused("own_account", "不能给本人授权，请由另一名管理员办理。")
    approved_at = None if post in POSTS and POSTS[post].is_sensitive else now
    return _grant(actor.user, user, post, reason, now, approved_at)


def appoint(username: str, reason: str, now: datetime) -> PostGrant:
    """Make one of the first two security administrators, by the operator of the machine. Refused once there are two."""
    user = User.objects.filter(username=username).first()
    if user is None:
        raise NotFound("account_not_found", "没有这个账号。")
    with transaction.atomic():
        list(PostGrant.objects.select_for_update().filter(post="security_admin", ended_at=None))
        if PostGrant.objects.filter(post="security_admin", ended_at=None).count() >= FIRST_APPOINTED:
            raise Refused("first_administrators_exist", "已有两名安全管理员，其他授权由他们办理。")
        return _grant(None, user, "security_admin", reason, now, now)


def _grant(by: UUID | None, user: User, post: str, reason: str, now: datetime, approved_at: datetime | None) -> PostGrant:
    text = reason.strip()[:_LONGEST_REASON]
    if not text:
        raise Malformed("reason_required", "授权须写明理由。", place="reason")
    try:
        with transaction.atomic():
            # Two proposals for one person wait for each other; the constraints of the table stand behind this.
            list(User.objects.select_for_update().filter(_same_person(user)))
            if problem := post_problem(post, user.role, _posts_of_person(user)):
                raise Refused(problem, _MESSAGES[problem])
            row = PostGrant.objects.create(
                user=user, post=post, reason=text, proposed_by=by, proposed_at=now, approved_at=approved_at
            )
            _log(row, by, "grant_post" if approved_at else "propose_post", now)
            return row
    except IntegrityError as error:
        raise Refused("posts_exclude", "此人已担任或正在报批这个岗位，或者不能兼任。") from error


def approve(actor: Actor, grant: UUID, now: datetime) -> PostGrant:
    """Approve a proposal as the second person: another security administrator, or the head of the agency."""
    require_post(actor, "security_admin", "agency_head")
    with transaction.atomic():
        row = _waiting(actor, grant)
        if actor.user in {row.user_id, row.proposed_by}:
            raise Refused("second_person_needed", "须由提出人和本人以外的第二人批准。")
        others = _posts_of_person(row.user) - {row.post}
        if problem := post_problem(row.post, row.user.role, others):
            raise Refused(problem, _MESSAGES[problem])
        row.approved_by, row.approved_at = actor.user, now
        row.save(update_fields=["approved_by", "approved_at"])
        _log(row, actor.user, "approve_post", now)
        return row


def _waiting(actor: Actor, grant: UUID) -> PostGrant:
    row = PostGrant.objects.select_for_update(of=("self",)).select_related("user").filter(pk=grant, ended_at=None).first()
    if row is None or (actor.agency is not None and row.user.agency_id != actor.agency):
        raise NotFound("grant_not_found", "没有这项授权，或者不归您管理。")
    if row.approved_at is not None:
        raise Refused("grant_approved", "这项授权已经生效。")
    return row


def end(actor: Actor, grant: UUID, now: datetime) -> PostGrant:
    """End a post, or withdraw a proposal; a person may always lay down his own. A second time changes nothing."""
    with transaction.atomic():
        row = PostGrant.objects.select_for_update(of=("self",)).select_related("user").filter(pk=grant).first()
        if row is None or row.user_id != actor.user:
            require_post(actor, "security_admin")  # first, so that nobody else learns which grants there are
        if row is None or (actor.agency is not None and row.user.agency_id != actor.agency):
            raise NotFound("grant_not_found", "没有这项授权，或者不归您管理。")
        if row.ended_at is None:
            row.ended_by, row.ended_at = actor.user, now
            row.save(update_fields=["ended_by", "ended_at"])
            _log(row, actor.user, "end_post", now)
        return row


def grants_seen_by(actor: Actor) -> list[PostGrant]:
    """List the posts of the accounts that the administrator keeps, the newest first; an auditor reads them, too."""
    require_post(actor, "security_admin", "agency_head", "auditor")
    rows = PostGrant.objects.select_related("user").order_by("-id")
    return list(rows.filter(user__agency=actor.agency) if actor.agency is not None else rows)


def _posts_of_person(user: User) -> set[str]:
    accounts = User.objects.filter(_same_person(user))
    return set(PostGrant.objects.filter(user__in=accounts, ended_at=None).values_list("post", flat=True))


def _same_person(user: User) -> Q:
    """Name a person's accounts: this one, and those that belong to the same person as holder."""
    return Q(pk=user.pk) | Q(holder=user.holder) if user.holder else Q(pk=user.pk)


def _log(row: PostGrant, by: UUID | None, action: str, now: datetime) -> None:
    agency = row.user.agency
    event = Event(
        at=now,
        actor_kind="administrator" if by else "operator",
        actor=by,
        action=action,
        subject_kind="account",
        subject=row.user_id,
        agency=agency.pk if agency else None,
        region=agency.region_id if agency else "",
        purpose="岗位授权",
        result=row.post,
    )
    with acting(Scope()):
        append([event])
