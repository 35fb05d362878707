"""Terms and holds, and the owner's functions that delete what is over its term: the app role can delete nothing else.

The functions speak of tables of the rooms above, which are there when they run.
"""

from __future__ import annotations

import json
from pathlib import Path

from django.conf import settings
from django.db import migrations, models

import liangzheng.storage.ids
from liangzheng.storage.tenancy import allow_only

CLASSES = json.loads((Path(__file__).parents[1] / "data" / "retention.json").read_text(encoding="utf-8"))["classes"]
DEFINER = "SECURITY DEFINER SET search_path = public, pg_temp"
KEEPING = "PERFORM set_config('app.keeper', 'on', true);"  # it opens nothing to the app role

# An act is linked to a case file when its record was written or an exhibit was kept. What was emptied has no `asks` left.
FUNCTIONS = f"""
CREATE FUNCTION liangzheng_old_acts(which text) RETURNS TABLE (act uuid, is_held boolean) LANGUAGE plpgsql {DEFINER} AS $$
BEGIN
  {KEEPING}
  RETURN QUERY SELECT a.id,
      EXISTS (SELECT FROM storage_legalhold h WHERE h.lifted_at IS NULL AND (h.act = a.id
        OR h.holder IN (SELECT s.holder FROM verification_scan s WHERE s.act = a.id)))
      OR EXISTS (SELECT FROM rights_petition p WHERE p.act = a.id AND p.state NOT IN ('answered', 'withdrawn'))
    FROM cases_act a JOIN storage_retentionterm t ON t.id = which
    WHERE octet_length(a.asks) > 0 AND coalesce(a.recorded_at, a.opened_at) < now() - make_interval(days => t.days)
      AND (which = 'case_file') = (a.recorded_at IS NOT NULL OR EXISTS (SELECT FROM evidence_exhibit e WHERE e.act_id = a.id));
END $$;

CREATE FUNCTION liangzheng_count_due(which text, OUT due bigint, OUT held bigint) LANGUAGE plpgsql {DEFINER} AS $$
DECLARE term interval;
BEGIN
  {KEEPING}
  SELECT make_interval(days => days) INTO STRICT term FROM storage_retentionterm WHERE id = which;
  held := 0;
  CASE which
    WHEN 'unlinked_scan', 'case_file' THEN
      SELECT count(*) FILTER (WHERE NOT o.is_held), count(*) FILTER (WHERE o.is_held) INTO due, held
        FROM liangzheng_old_acts(which) o;
    WHEN 'device' THEN
      SELECT count(*) INTO due FROM people_device WHERE revoked_at < now() - term AND octet_length(label) > 0;
    WHEN 'session' THEN
      SELECT count(*) INTO due FROM django_session WHERE expire_date < now() - term;
    ELSE
      due := 0;
  END CASE;
END $$;

CREATE FUNCTION liangzheng_delete_due(which text, most integer) RETURNS integer LANGUAGE plpgsql {DEFINER} AS $$
DECLARE term interval; gone uuid[]; number integer := 0;
BEGIN
  {KEEPING}
  SELECT make_interval(days => days) INTO STRICT term FROM storage_retentionterm WHERE id = which;
  CASE which
    WHEN 'unlinked_scan', 'case_file' THEN
      gone := ARRAY(SELECT o.act FROM liangzheng_old_acts(which) o WHERE NOT o.is_held LIMIT most);
      DELETE FROM verification_scanrequest r USING verification_scan s WHERE s.id = r.scan AND s.act = ANY(gone);
      DELETE FROM onsite_offlinefinding WHERE act = ANY(gone);
      DELETE FROM verification_scan WHERE act = ANY(gone);
      DELETE FROM cases_recordvalue WHERE act_id = ANY(gone);
      UPDATE cases_physicallicence SET unverified_holder_name = '', unverified_number = '', unverified_valid_to = NULL, note = ''
        WHERE act_id = ANY(gone);
      UPDATE cases_actofficer SET decline_note = '' WHERE act_id = ANY(gone);
      UPDATE onsite_deviceevent SET encoded = '' WHERE act = ANY(gone);
      IF which = 'case_file' THEN
        DELETE FROM evidence_exhibit WHERE act_id = ANY(gone);
        DELETE FROM cases_document WHERE act_id = ANY(gone);
      END IF;
      UPDATE cases_act SET place = '', asks = '' WHERE id = ANY(gone);
      number := cardinality(gone);
    WHEN 'device' THEN
      UPDATE people_device SET label = '' WHERE revoked_at < now() - term AND octet_length(label) > 0;
      GET DIAGNOSTICS number = ROW_COUNT;
    WHEN 'session' THEN
      DELETE FROM django_session WHERE expire_date < now() - term;
      GET DIAGNOSTICS number = ROW_COUNT;
    ELSE
      NULL;
  END CASE;
  RETURN number;
END $$;

CREATE FUNCTION liangzheng_unnamed_objects(digests text[]) RETURNS SETOF text LANGUAGE plpgsql {DEFINER} AS $$
DECLARE place record; named text[]; missing text[] := digests;
BEGIN
  {KEEPING}
  FOR place IN SELECT c.oid::regclass AS name, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
      AND a.attnum > 0 AND NOT a.attisdropped AND a.atttypid = 'varchar'::regtype AND a.atttypmod = 68 LOOP
    EXECUTE format('SELECT array_agg(DISTINCT %1$I) FROM %2$s WHERE %1$I = ANY($1)', place.attname, place.name)
      INTO named USING missing;
    missing := ARRAY(SELECT unnest(missing) EXCEPT SELECT unnest(named));
  END LOOP;
  RETURN QUERY SELECT unnest(missing);
END $$;

REVOKE ALL ON FUNCTION liangzheng_old_acts(text), liangzheng_count_due(text), liangzheng_delete_due(text, integer),
  liangzheng_unnamed_objects(text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION liangzheng_count_due(text), liangzheng_delete_due(text, integer), liangzheng_unnamed_objects(text[])
  TO {settings.APP_ROLE};
"""  # noqa: S608 - constants
GONE = (
    "DROP FUNCTION liangzheng_unnamed_objects(text[]); DROP FUNCTION liangzheng_delete_due(text, integer);"
    " DROP FUNCTION liangzheng_count_due(text); DROP FUNCTION liangzheng_old_acts(text)"
)
FILL = "INSERT INTO storage_retentionterm (id, days, basis, changed_at) VALUES (%s, %s, %s, now())"


class Migration(migrations.Migration):
    """The terms of the data file are put in force; another one is set by `liangzheng retention set`."""

    dependencies = (("storage", "0001_initial"),)
    operations = (
        migrations.CreateModel(
            name="LegalHold",
            fields=[
                ("id", models.UUIDField(default=liangzheng.storage.ids.new_id, primary_key=True, serialize=False)),
                ("act", models.UUIDField(null=True)),
                ("holder", models.UUIDField(null=True)),
                ("reason", models.TextField()),
                ("placed_at", models.DateTimeField()),
                ("lifted_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("act__isnull", True), ("holder__isnull", True), _connector="XOR"),
                        name="storage_hold_one",
                    )
                ]
            },
        ),
        migrations.CreateModel(
            name="RetentionTerm",
            fields=[
                ("id", models.TextField(primary_key=True, serialize=False)),
                ("days", models.IntegerField()),
                ("basis", models.TextField()),
                ("changed_at", models.DateTimeField()),
            ],
            options={
                "constraints": [models.CheckConstraint(condition=models.Q(("days__gte", 1)), name="storage_term_days")],
            },
        ),
        allow_only("storage_legalhold", "SELECT"),
        allow_only("storage_retentionterm", "SELECT"),
        migrations.RunSQL([(FILL, [item["id"], item["days"], item["basis"]]) for item in CLASSES], migrations.RunSQL.noop),
        migrations.RunSQL(FUNCTIONS, GONE),
    )
