"""What a supervisor is told of an act by itself (执法监督预警). Pure: facts of one act come in, kinds of alarm go out.

single_officer, certificate_not_valid: 行政处罚法 42, 55 (R01) · missing_record: R08 · over_limit: a question about the act stays
open too long · repeated_inspection: R33 (国办发 2024 年第 54 号). Readings of articles await the legal office's confirmation.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

NEEDED_OFFICERS = 2
SETTLED_AFTER = timedelta(hours=2)
"""Before that an act may just be beginning."""
RECORD_WITHIN = timedelta(hours=24)
FINDING_WITHIN = timedelta(days=3)
REPEATED, WITHIN = 4, timedelta(days=30)
"""So many acts about the same licence within so many days are many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActFacts:
    """One act. `officers_shown`: officers who have shown a certificate; `standings`: what their certificates were worth then.

    `looked`: scans and look-ups; `finding_since`: the oldest difference between phone and server nobody has dealt with;
    `acts_about_same`: acts in the time before it, this one included, about the licence most often inspected.
    """

    opened_at: datetime
    officers_shown: int
    standings: tuple[str, ...]
    looked: int
    is_recorded: bool
    finding_since: datetime | None
    acts_about_same: int


def judge_act(act: ActFacts, now: datetime) -> tuple[str, ...]:
    """Give the kinds of alarm that hold now."""
    age = now - act.opened_at
    holds = {
        "single_officer": act.looked > 0 and age > SETTLED_AFTER and act.officers_shown < NEEDED_OFFICERS,
        "certificate_not_valid": any(standing != "valid" for standing in act.standings),
        "missing_record": act.looked > 0 and age > RECORD_WITHIN and not act.is_recorded,
        "over_limit": act.finding_since is not None and now - act.finding_since > FINDING_WITHIN,
        "repeated_inspection": act.acts_about_same >= REPEATED,
    }
    return tuple(kind for kind, does in holds.items() if does)
