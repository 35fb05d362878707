"""The trail of an act: who of its officers did what to whose data, in the form of the log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from liangzheng.auditlog.append import Event
from liangzheng.cases.models import Act, ActOfficer
from liangzheng.people.sessions import Actor
from liangzheng.rules.mandates import Ground

PURPOSE = "行政检查"
# Articles as read for docs/notice.md; the wording awaits the legal office's confirmation.
LEGAL_BASIS = {
    "transport": "道路运输条例第五十九条（待法制机构确认）",
    "culture_tourism": "旅游法第八十六条（待法制机构确认）",
}


@dataclass(frozen=True, slots=True)
class Trail:
    """An officer at work in an act; makes the events of what he does there."""

    actor: Actor
    act: Act
    number: str
    ground: Ground | None = None
    """Of a look-up by function, why; its article then stands beside the act's."""

    @property
    def purpose(self) -> str:
        """The purpose of looking at data."""
        return f"{PURPOSE}·依职能查询：{self.ground.title}" if self.ground else PURPOSE

    @property
    def legal_basis(self) -> str:
        """The basis of looking at data in this act."""
        basis = LEGAL_BASIS.get(self.act.agency.sector, "待法制机构确认")
        return f"{basis}；{self.ground.basis}" if self.ground else basis

    def event(
        self,
        action: str,
        now: datetime,
        *,
        subject: tuple[str, UUID],
        holder: UUID | None = None,
        fields: tuple[str, ...] = (),
        result: str = "",
    ) -> Event:
        """Make one event of this officer in this act."""
        return Event(
            at=now,
            actor_kind="officer",
            actor=self.actor.user,
            actor_number=self.number,
            action=action,
            subject_kind=subject[0],
            subject=subject[1],
            act=self.act.pk,
            act_code=self.act.act_code,
            agency=self.act.agency_id,
            region=self.act.region,
            holder=holder,
            purpose=self.purpose,
            legal_basis=self.legal_basis,
            fields=fields,
            result=result,
        )


def trail_of(actor: Actor, act: Act) -> Trail:
    """Give the trail of an officer of the act, with his certificate's number."""
    row = ActOfficer.objects.select_related("certificate").get(act=act, officer=actor.user)
    return Trail(actor, act, row.certificate.number)
