"""Rights of the app role, and the owner's function that rolls partitions."""

from __future__ import annotations

from django.conf import settings
from django.db import migrations

RIGHTS = f"""
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO {settings.APP_ROLE};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {settings.APP_ROLE};
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {settings.APP_ROLE};
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {settings.APP_ROLE};
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {settings.APP_ROLE};
"""

# A UUIDv7 begins with 48 bits of milliseconds: the bound of a period is those bits followed by zeros.
FUNCTIONS = """
CREATE TABLE storage_partitioned (name text PRIMARY KEY, unit text NOT NULL, keep interval);

CREATE FUNCTION liangzheng_id_bound(moment timestamptz) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
  SELECT rpad(lpad(to_hex((extract(epoch FROM moment) * 1000)::bigint), 12, '0'), 32, '0')::uuid
$$;

CREATE FUNCTION liangzheng_roll_partitions() RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE parent record; step interval; first timestamptz; n int; part text; old record;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('liangzheng_roll_partitions'));
  FOR parent IN SELECT * FROM storage_partitioned LOOP
    step := ('1 ' || parent.unit)::interval;
    FOR n IN -1 .. CASE parent.unit WHEN 'month' THEN 3 ELSE 7 END LOOP
      first := date_trunc(parent.unit, now()) + n * step;
      part := parent.name || '_' || to_char(first, CASE parent.unit WHEN 'month' THEN 'YYYYMM' ELSE 'YYYYMMDD' END);
      IF to_regclass(part) IS NULL THEN
        EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)',
          part, parent.name, liangzheng_id_bound(first), liangzheng_id_bound(first + step));
        EXECUTE format('REVOKE ALL ON %I FROM %I', part, 'APP_ROLE');
      END IF;
    END LOOP;
    IF parent.keep IS NOT NULL THEN
      FOR old IN SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = parent.name::regclass
        AND right(inhrelid::regclass::text, 8) < to_char(now() - parent.keep, 'YYYYMMDD') LOOP
        EXECUTE format('DROP TABLE %s', old.name);
      END LOOP;
    END IF;
  END LOOP;
END $$;
REVOKE ALL ON FUNCTION liangzheng_roll_partitions() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION liangzheng_roll_partitions() TO APP_ROLE;
REVOKE ALL ON storage_partitioned FROM APP_ROLE;
""".replace("APP_ROLE", settings.APP_ROLE)


class Migration(migrations.Migration):
    """Everything here belongs to the owner role."""

    initial = True
    dependencies = ()
    operations = (
        migrations.RunSQL(RIGHTS, migrations.RunSQL.noop),
        migrations.RunSQL(
            FUNCTIONS,
            "DROP FUNCTION liangzheng_roll_partitions(); DROP FUNCTION liangzheng_id_bound(timestamptz); DROP TABLE storage_partitioned",
        ),
    )
