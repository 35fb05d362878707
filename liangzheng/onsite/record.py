"""The one statement that writes a scan: verdict, used code, filled fields and log entries, all or nothing.

One round trip instead of one per row; every lane that answers a scan calls it. The statement writes nothing when the
code has meanwhile been used by this officer or the request key is known, and says so by an empty answer.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from liangzheng.auditlog.models import LogEntry
from liangzheng.cases.models import Act
from liangzheng.onsite.prefill import Filling
from liangzheng.storage.columns import seal_column
from liangzheng.verification.models import Scan
from liangzheng.verification.verdict import Verdict
from liangzheng.verification.verify import verdict_json

# Order matters: the code is claimed first, then the request key; each later part reads from the one before.
STATEMENT = """
WITH claim AS (
  INSERT INTO codes_usedcode (code, verifier, scan)
  SELECT %(code)s, %(officer)s, %(id)s WHERE %(claims)s
  ON CONFLICT DO NOTHING RETURNING code
), request AS (
  INSERT INTO verification_scanrequest (key, officer, scan, at)
  SELECT %(key)s, %(officer)s, %(id)s, %(written_at)s WHERE NOT %(claims)s OR EXISTS (SELECT FROM claim)
  ON CONFLICT DO NOTHING RETURNING key
), scan AS (
  INSERT INTO verification_scan
    (id, at, act, officer, agency_id, region, method, code, licence, holder, standing, verdict, purpose, legal_basis,
     server_standing, server_verdict)
  SELECT %(id)s, %(at)s, %(act)s, %(officer)s, %(agency)s, %(region)s, %(method)s, %(code)s, %(licence)s, %(holder)s,
    %(standing)s, %(verdict)s::jsonb, %(purpose)s, %(legal_basis)s, %(server_standing)s, %(server_verdict)s::jsonb
  FROM request RETURNING id
), filled AS (
  INSERT INTO cases_recordvalue
    (id, act_id, agency_id, region, field, value, kind, scan, licence, licence_type, licence_field, standing, reason, by, at)
  SELECT f.id, %(act)s, %(agency)s, %(region)s, f.field, f.value, 'filled', scan.id, %(licence)s, %(licence_type)s,
    f.licence_field, %(counted_standing)s, ''::bytea, %(officer)s, %(written_at)s
  FROM scan, unnest(%(fill_ids)s::uuid[], %(fill_fields)s::text[], %(fill_values)s::bytea[], %(fill_sources)s::text[])
    AS f (id, field, value, licence_field)
), logged AS (
  INSERT INTO auditlog_logentry
    (id, at, actor_kind, actor, actor_number, action, subject_kind, subject, act, act_code, agency_id, region, holder,
     purpose, legal_basis, fields, result, salt, commitment)
  SELECT e.id, %(written_at)s, 'officer', %(officer)s, %(number)s, e.action, e.subject_kind, e.subject, %(act)s, %(act_code)s,
    %(agency)s, %(region)s, %(holder)s, %(purpose)s, %(legal_basis)s,
    ARRAY(SELECT jsonb_array_elements_text(e.fields::jsonb)), e.result, e.salt, e.commitment
  FROM scan, unnest(%(log_ids)s::uuid[], %(log_actions)s::text[], %(log_subject_kinds)s::text[], %(log_subjects)s::uuid[],
    %(log_fields)s::text[], %(log_results)s::text[], %(log_salts)s::bytea[], %(log_commitments)s::bytea[])
    AS e (id, action, subject_kind, subject, fields, result, salt, commitment)
)
SELECT id FROM scan
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanRow:
    """Everything one scan writes. `claims` says that the verdict opened the code, so it is used up for this officer.

    `written_at` is later than the scan when it was made without signal.
    """

    scan: Scan
    act: Act
    number: str
    key: UUID
    claims: bool
    verdict: Verdict
    licence_type: str
    fillings: Sequence[Filling]
    entries: Sequence[LogEntry]
    written_at: datetime


def write_scan(row: ScanRow) -> bool:
    """Write the scan; False when the code or the request key was taken in the meantime, and then nothing is written."""
    with connection.cursor() as cursor:
        cursor.execute(STATEMENT, _parameters(row))
        return cursor.fetchone() is not None


def _parameters(row: ScanRow) -> dict[str, Any]:
    scan = row.scan
    names = ("id", "at", "act", "officer", "region", "method", "code", "licence", "holder", "standing", "purpose", "legal_basis")
    standings = ("server_standing", "counted_standing")
    return {
        **{name: getattr(scan, name) for name in (*names, *standings)},
        "agency": row.act.agency_id,
        "key": row.key,
        "act_code": row.act.act_code,
        "number": row.number,
        "claims": row.claims,
        "verdict": json.dumps(verdict_json(row.verdict), ensure_ascii=False),
        "server_verdict": json.dumps(scan.server_verdict, ensure_ascii=False) if scan.server_verdict else None,
        "written_at": row.written_at,
        "licence_type": row.licence_type,
        "fill_ids": [filling.id for filling in row.fillings],
        "fill_fields": [filling.field for filling in row.fillings],
        "fill_values": [seal_column("cases_recordvalue", "value", filling.id, filling.value) for filling in row.fillings],
        "fill_sources": [filling.licence_field for filling in row.fillings],
        "log_ids": [entry.id for entry in row.entries],
        "log_actions": [entry.action for entry in row.entries],
        "log_subject_kinds": [entry.subject_kind for entry in row.entries],
        "log_subjects": [entry.subject for entry in row.entries],
        "log_fields": [json.dumps(entry.fields) for entry in row.entries],
        "log_results": [entry.result for entry in row.entries],
        "log_salts": [bytes(entry.salt) for entry in row.entries],
        "log_commitments": [bytes(entry.commitment) for entry in row.entries],
    }
