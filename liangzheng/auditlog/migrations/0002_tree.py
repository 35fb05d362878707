"""The tree beside the rows: who wrote a row when (its transaction), the order of the leaves, and the head of the tree."""

from __future__ import annotations

from django.conf import settings
from django.db import migrations, models

COLUMNS = (
    "id, at, actor_kind, actor, actor_number, action, subject_kind, subject, act, act_code, agency_id, region, holder,"
    " purpose, legal_basis, fields, result, salt, commitment"
)

# `written_in` is set by the database alone: the app role may not name that column. Every transaction below the oldest one
# still running is over, so rows are read exactly once in the order of `written_in`, whatever order they were committed in.
FORWARD = f"""
ALTER TABLE auditlog_logentry ADD COLUMN written_in xid8 NOT NULL DEFAULT pg_current_xact_id();
CREATE INDEX auditlog_written ON auditlog_logentry (written_in);
REVOKE INSERT ON auditlog_logentry FROM {settings.APP_ROLE};
GRANT INSERT ({COLUMNS}) ON auditlog_logentry TO {settings.APP_ROLE};
CREATE POLICY auditlog_logentry_seal ON auditlog_logentry FOR SELECT TO {settings.APP_ROLE}
  USING (current_setting('app.sealer', true) = 'on');
CREATE POLICY auditlog_logentry_erase ON auditlog_logentry TO CURRENT_USER USING (true) WITH CHECK (true);

CREATE TABLE auditlog_leaf (index bigint PRIMARY KEY, entry uuid NOT NULL UNIQUE);
CREATE TABLE auditlog_treehead (
  origin text PRIMARY KEY, size bigint NOT NULL, root bytea NOT NULL, horizon xid8 NOT NULL, at timestamptz NOT NULL
);
REVOKE ALL ON auditlog_leaf, auditlog_treehead FROM {settings.APP_ROLE};
GRANT SELECT, INSERT ON auditlog_leaf TO {settings.APP_ROLE};
GRANT SELECT, INSERT, UPDATE ON auditlog_treehead TO {settings.APP_ROLE};
"""  # noqa: S608 - the role of the settings, and constants
BACKWARD = f"""
DROP TABLE auditlog_treehead;
DROP TABLE auditlog_leaf;
DROP POLICY auditlog_logentry_erase ON auditlog_logentry;
DROP POLICY auditlog_logentry_seal ON auditlog_logentry;
ALTER TABLE auditlog_logentry DROP COLUMN written_in;
GRANT INSERT ON auditlog_logentry TO {settings.APP_ROLE};
"""


class Migration(migrations.Migration):
    """Written by the sealer only (`auditlog/sequencer.py`)."""

    dependencies = (("auditlog", "0001_initial"),)
    operations = (
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(FORWARD, BACKWARD)],
            state_operations=[
                migrations.CreateModel(
                    name="Leaf",
                    fields=[
                        ("index", models.BigIntegerField(primary_key=True, serialize=False)),
                        ("entry", models.UUIDField(unique=True)),
                    ],
                ),
            ],
        ),
    )
