"""评价 hides the rater: from the agency, from every query of the app role, and from whoever compares two readings of the sums."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from liangzheng.server.database import APP_ROLE
from liangzheng.server.postgres import EmbeddedPostgres
from tests.journeys.conftest import City
from tests.journeys.phones import Json, Phone, open_coach_act, show_and_open

DRIVER = "道路运输从业人员从业资格证"
Connection = psycopg.Connection[tuple[object, ...]]
TABLES = ("rights_rating", "rights_ratingticket")
EVERYBODY = "SELECT id FROM people_agency LIMIT 1"


@pytest.fixture
def superuser(city: City) -> Iterator[Connection]:
    with psycopg.connect(EmbeddedPostgres(city.folder).conninfo("postgres"), autocommit=True) as connection:
        yield connection


@pytest.fixture
def app(city: City, superuser: Connection) -> Iterator[Connection]:
    """The app role with raw SQL in every scope there is at once: the agency's, the driver's, a supervisor's, the sealer's."""
    row = superuser.execute(
        "SELECT a.id, a.region_id, u.holder FROM people_agency a, people_user u"
        " WHERE a.sector = 'transport' AND u.username = 'zhang'"
    ).fetchone()
    assert row is not None
    with psycopg.connect(EmbeddedPostgres(city.folder).conninfo(APP_ROLE), autocommit=True) as connection:
        settings = {"agency": row[0], "region": row[1], "holder": row[2], "supervised": "37", "sealer": "on", "source": "on"}
        for name, value in settings.items():
            connection.execute("SELECT set_config(%s, %s, false)", [f"app.{name}", str(value)])
        yield connection


def rated(city: City, score: int) -> Json:
    """A new inspection of the coach, rated by the driver; gives the look."""
    wang, zhang = city.phone("wang"), city.phone("zhang")
    act = open_coach_act(wang)
    show_and_open(city.address, act["id"], wang, city.phone("li"))
    wang.scan(act["id"], zhang.code_for(DRIVER)["text"])
    use = zhang.get(f"/my/uses?act_code={act['act_code']}&action=scan")[0]
    token = zhang.post(f"/my/uses/{use['id']}/rating-token")["token"]
    answer = httpx.post(f"{city.address}/api/v1/ratings", json={"token": token, "score": score})
    assert answer.status_code == 204, answer.text
    return {**use, "act_id": act["id"], "token": token}


def agency_id(superuser: Connection) -> str:
    row = superuser.execute("SELECT id FROM people_agency WHERE sector = 'transport'").fetchone()
    assert row is not None
    return str(row[0])


def test_no_query_of_the_app_role_reads_a_rating_or_who_took_a_token(city: City, app: Connection) -> None:
    rated(city, 2)
    for table in TABLES:
        for columns in ("*", "xmin, ctid", "count(*)", "1"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                app.execute(SQL("SELECT {} FROM {}").format(SQL(columns), Identifier(table)))
        for statement in ("DELETE FROM {}", "UPDATE {} SET agency_id = agency_id", "TRUNCATE {}"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                app.execute(SQL(statement).format(Identifier(table)))
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        app.execute(
            "SELECT u.username FROM rights_rating r JOIN rights_ratingticket t ON t.agency_id = r.agency_id"
            " JOIN people_user u ON u.holder = t.holder"
        )


def test_no_other_table_says_which_token_or_score_somebody_gave(city: City, superuser: Connection) -> None:
    """Even a superuser finds neither token nor its digest beside a person, and the rating names no act, holder or moment."""
    look = rated(city, 4)
    columns = superuser.execute(
        "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = 'rights_rating' ORDER BY 1"
    ).fetchall()
    assert columns == [("agency_id", "uuid"), ("month", "date"), ("score", "smallint"), ("spent", "character varying")]
    months = superuser.execute("SELECT count(*) FROM rights_rating WHERE extract(day FROM month) <> 1").fetchone()
    assert months == (0,), "nothing finer than a month"
    tables = superuser.execute(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        " AND relname <> 'rights_rating'"
    ).fetchall()
    digest = superuser.execute("SELECT spent FROM rights_rating").fetchall()
    for (table,) in tables:
        text = SQL("SELECT count(*) FROM {} t WHERE t::text LIKE %s").format(Identifier(str(table)))
        for needle in (look["token"][:40], *(str(row[0]) for row in digest)):
            assert superuser.execute(text, [f"%{needle}%"]).fetchone() == (0,), table
    logged = superuser.execute("SELECT count(*) FROM auditlog_logentry WHERE action LIKE '%rat%'").fetchone()
    assert logged == (0,), "the log of looks does not say who rated when"


def test_sums_appear_when_the_month_is_over_and_has_five(city: City, superuser: Connection) -> None:
    agency = agency_id(superuser)
    sums = f"{city.address}/api/v1/agencies/{agency}/ratings"
    for score in (5, 5, 4, 1, 3):
        rated(city, score)
    assert httpx.get(sums).json() == [], "this month is not over: two readings would be one rating apart"
    superuser.execute("UPDATE rights_rating SET month = '2026-01-01'")
    told = httpx.get(sums).json()
    assert told[0]["ratings"] == sum(told[0]["scores"]) >= 5
    superuser.execute("DELETE FROM rights_rating WHERE ctid NOT IN (SELECT ctid FROM rights_rating LIMIT 4)")
    assert httpx.get(sums).json() == [], "four are too few"
    superuser.execute("DELETE FROM rights_rating")


def test_no_rating_enters_a_month_that_is_over_or_another_score(app: Connection, superuser: Connection) -> None:
    insert = "INSERT INTO rights_rating (spent, agency_id, month, score) VALUES (%s, %s, %s, %s)"
    agency = agency_id(superuser)
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
        app.execute(insert, ["a", agency, "2026-01-01", 5])
    month = superuser.execute("SELECT date_trunc('month', now() AT TIME ZONE 'Asia/Shanghai')::date").fetchone()
    assert month is not None
    for score in (0, 6):
        with pytest.raises(psycopg.errors.CheckViolation):
            app.execute(insert, ["b", agency, month[0], score])


def test_negative_control_a_table_that_can_be_read_tells_who_rated(city: City, app: Connection, superuser: Connection) -> None:
    """With reading allowed, the order of transactions joins a ticket to the rating that follows it."""
    look = rated(city, 1)
    superuser.execute("GRANT SELECT ON rights_rating, rights_ratingticket TO liangzheng_app")
    for table in TABLES:
        superuser.execute(SQL("ALTER TABLE {} DISABLE ROW LEVEL SECURITY").format(Identifier(table)))
    try:
        found = app.execute(
            "SELECT r.score FROM rights_ratingticket t JOIN rights_rating r ON r.xmin::text::bigint > t.xmin::text::bigint"
            " WHERE t.act = %s ORDER BY r.xmin::text::bigint LIMIT 1",
            [look["act_id"]],
        ).fetchone()
        assert found == (1,)
    finally:
        superuser.execute("REVOKE SELECT ON rights_rating, rights_ratingticket FROM liangzheng_app")
        for table in TABLES:
            superuser.execute(SQL("ALTER TABLE {} ENABLE ROW LEVEL SECURITY").format(Identifier(table)))


def test_the_party_s_officer_reads_no_rating_over_http(city: City) -> None:
    wang: Phone = city.phone("wang")
    assert wang.send("GET", "/ratings").status_code == 405
