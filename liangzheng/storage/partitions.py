"""Partitions by time: months for scans and the log, days for codes. Tables are ranged on their UUIDv7 key.

The app role owns nothing, so the work is done by one SQL function that belongs to the owner (`migrations/0001`).
"""

from __future__ import annotations

from django.db import connection, migrations


def roll_partitions() -> None:
    """Make the partitions of the next three months and seven days; drop code partitions older than two days."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT liangzheng_roll_partitions()")


def partitioned(table: str, unit: str, columns: str) -> migrations.RunSQL:
    """Create a table ranged on its UUIDv7 column and register it; `unit` is 'month' or 'day', `columns` the SQL column list."""
    key = "code" if table == "codes_usedcode" else "id"
    keep = "interval '2 days'" if unit == "day" else "NULL"
    return migrations.RunSQL(  # the names are those of a migration, never a request's
        f"""
        CREATE TABLE {table} ({columns}) PARTITION BY RANGE ({key});
        INSERT INTO storage_partitioned (name, unit, keep) VALUES ('{table}', '{unit}', {keep});
        SELECT liangzheng_roll_partitions();
        """,  # noqa: S608
        f"DROP TABLE {table}; DELETE FROM storage_partitioned WHERE name = '{table}'",  # noqa: S608
    )
