"""Row-level security and rights: a receipt opens for whoever has its code; a rating can be added and never be read."""

from __future__ import annotations

from django.conf import settings
from django.db import migrations

from liangzheng.mandates.area import IN_AREA
from liangzheng.storage.tenancy import HOLDER, OWN_AGENCY, allow_only, protect

OWN = f"({OWN_AGENCY}) OR holder = {HOLDER}"
BY_CODE = "code_hash = decode(nullif(current_setting('app.receipt', true), ''), 'hex')"
# A decision is made once, now, and brings its end with it.
DELAYS = f"""
ALTER TABLE rights_displaydelay ADD CONSTRAINT rights_delay_ends
  CHECK (ends_at = decided_at + make_interval(secs => days * 86400));
DROP POLICY rights_displaydelay_update ON rights_displaydelay;
CREATE POLICY rights_displaydelay_update ON rights_displaydelay FOR UPDATE TO {settings.APP_ROLE}
  USING (decision = '' AND {IN_AREA})
  WITH CHECK (decision <> '' AND decided_at <= now() + interval '5 minutes' AND {IN_AREA});
"""
# Sums of months that are over, so that two readings of the same month are never one rating apart.
RATINGS = f"""
ALTER TABLE rights_rating ENABLE ROW LEVEL SECURITY;
ALTER TABLE rights_rating FORCE ROW LEVEL SECURITY;
CREATE POLICY rights_rating_insert ON rights_rating FOR INSERT TO {settings.APP_ROLE}
  WITH CHECK (month = date_trunc('month', now() AT TIME ZONE 'Asia/Shanghai')::date);
CREATE POLICY rights_rating_sum ON rights_rating FOR SELECT TO CURRENT_USER USING (true);
CREATE FUNCTION rights_rating_sums(agency uuid) RETURNS TABLE (month date, ratings integer, scores integer[])
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  SELECT r.month, count(*)::integer,
    ARRAY(SELECT (count(*) FILTER (WHERE o.score = s))::integer FROM generate_series(1, 5) s
      LEFT JOIN rights_rating o ON o.agency_id = agency AND o.month = r.month GROUP BY s ORDER BY s)
  FROM rights_rating r
  WHERE r.agency_id = agency AND r.month < date_trunc('month', now() AT TIME ZONE 'Asia/Shanghai')::date
  GROUP BY r.month HAVING count(*) >= 5 ORDER BY r.month DESC $$;
REVOKE ALL ON FUNCTION rights_rating_sums(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION rights_rating_sums(uuid) TO {settings.APP_ROLE};
"""  # noqa: S608 - the role of the settings


class Migration(migrations.Migration):
    """Receipts are never changed; a petition is answered once; of ratings and tickets the app role reads nothing."""

    dependencies = (("rights", "0001_initial"), ("storage", "0001_initial"))
    operations = (
        protect("rights_receipt", read=f"{OWN} OR {BY_CODE}", write=OWN),
        allow_only("rights_receipt", "SELECT, INSERT"),
        protect("rights_displaydelay", read=f"{OWN} OR ({IN_AREA})", write=OWN_AGENCY),
        allow_only("rights_displaydelay", "SELECT, INSERT, UPDATE (decision, decided_by, decided_at, ends_at)"),
        migrations.RunSQL(DELAYS, migrations.RunSQL.noop),
        protect("rights_petition", read=f"{OWN} OR ({IN_AREA})", write=OWN),
        allow_only(
            "rights_petition",
            "SELECT, INSERT, UPDATE (state, addressed_to, forwarded_at, forward_reference, outcome, answer, answered_by,"
            " answered_at)",
        ),
        protect("rights_ratingticket", read="false", write=OWN),
        allow_only("rights_ratingticket", "INSERT"),
        allow_only("rights_rating", "INSERT"),
        migrations.RunSQL(RATINGS, migrations.RunSQL.noop),
    )
