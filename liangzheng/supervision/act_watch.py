"""Watch the acts of an agency: gather the facts of each, let the rules judge, raise the alarms."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from liangzheng.cases.models import Act
from liangzheng.mandates.alarms import Occasion, raise_alarm
from liangzheng.mandates.break_glass import alarm_unreviewed
from liangzheng.mandates.models import LookUpCount
from liangzheng.onsite.look_up_watch import watch
from liangzheng.onsite.models import OfflineFinding
from liangzheng.people.certificates import certificate_standing, today_in_china
from liangzheng.people.models import Agency
from liangzheng.rules.act_alarms import WITHIN, ActFacts, judge_act
from liangzheng.storage.tenancy import Scope, acting
from liangzheng.supervision.models import Inquiry
from liangzheng.verification.models import Scan

LOOKED_BACK = timedelta(days=30)


def watch_everything(now: datetime) -> int:
    """Judge every agency's last month, each in its own scope; gives the number of new alarms."""
    return sum(watch_agency(agency, now) for agency in Agency.objects.order_by("id"))


def watch_agency(agency: Agency, now: datetime) -> int:
    """Judge one agency's acts, emergency accesses, inquiries, and yesterday's look-ups."""
    with acting(Scope(agency=agency.pk, region=agency.region_id)):
        acts = Act.objects.filter(opened_at__gt=now - LOOKED_BACK, opened_at__lte=now).order_by("id")
        raised = sum(_raise(act, kind, now) for act in acts for kind in judge_act(facts_of(act), now))
        yesterday = today_in_china(now) - timedelta(days=1)
        officers = LookUpCount.objects.filter(day=yesterday).values_list("officer", flat=True)
        raised += sum(watch(officer, agency.pk, agency.region_id, yesterday, now) for officer in officers)
        return raised + alarm_unreviewed(now) + _alarm_unanswered(now)


def facts_of(act: Act) -> ActFacts:
    """Gather the facts of one act; a certificate is judged as of the opening, by its dates, and as of now, by its status."""
    officers = list(act.officers.select_related("certificate"))
    scans = list(Scan.objects.filter(act=act.pk).values_list("licence", flat=True))
    finding = OfflineFinding.objects.filter(act=act.pk, closed_at__isnull=True).order_by("at").first()
    return ActFacts(
        opened_at=act.opened_at,
        officers_shown=sum(row.shown_at is not None for row in officers),
        standings=tuple(certificate_standing(row.certificate, act.opened_at) for row in officers),
        looked=len(scans),
        is_recorded=act.recorded_at is not None,
        finding_since=finding.at if finding else None,
        acts_about_same=max((_acts_about(licence, act) for licence in set(scans) if licence is not None), default=0),
    )


def _acts_about(licence: UUID, act: Act) -> int:
    around = Scan.objects.filter(licence=licence, at__gt=act.opened_at - WITHIN, at__lte=act.opened_at + timedelta(days=1))
    return around.values("act").distinct().count()


def _raise(act: Act, kind: str, now: datetime) -> bool:
    occasion = Occasion(kind=kind, key=str(act.pk), agency=act.agency_id, region=act.region, act=act.pk)
    return raise_alarm(occasion, now)


def _alarm_unanswered(now: datetime) -> int:
    late = Inquiry.objects.filter(closed_at__isnull=True, due_on__lt=today_in_china(now), answers__isnull=True)
    occasions = [
        Occasion(kind="inquiry_unanswered", key=str(one.pk), agency=one.agency_id, region=one.region, act=one.act) for one in late
    ]
    return sum(raise_alarm(occasion, now) for occasion in occasions)
