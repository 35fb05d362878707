"""The encrypted column: what lies in the row, and that a sealed value opens nowhere but in its own cell."""

from __future__ import annotations

import pytest
from django.db import connection

from liangzheng.crypto.envelope import SealBroken
from liangzheng.holders.models import Holder
from liangzheng.storage.columns import index_value, open_column, seal_column
from liangzheng.storage.ids import new_id
from liangzheng.storage.tenancy import Scope, acting

NAME, CODE = "张三丰", "379906199001010017"
pytestmark = pytest.mark.django_db


@pytest.fixture
def zhang() -> Holder:
    """A holder in the database."""
    with acting(Scope(is_source=True)):
        return Holder.objects.create(
            kind="person", name=NAME, code=CODE, code_type="111", code_index=index_value(CODE), region="370600", is_demo=True
        )


def test_the_row_holds_no_readable_value_and_the_model_reads_it(zhang: Holder) -> None:
    with acting(Scope(holder=zhang.pk)):
        with connection.cursor() as cursor:
            cursor.execute("SELECT h::text FROM holders_holder h WHERE id = %s", [zhang.pk])
            row = cursor.fetchone()[0]
        again = Holder.objects.get(pk=zhang.pk)
        assert (again.name, again.code) == (NAME, CODE)
    for planted in (NAME, CODE, NAME.encode().hex(), CODE.encode().hex()):
        assert planted not in row
    assert again.name in str(again.__dict__.get("name")), "control: the value is there once it has been read"


def test_a_value_moved_to_another_cell_does_not_open() -> None:
    row, other = new_id(), new_id()
    sealed = seal_column("holders_holder", "name", row, NAME)
    assert open_column("holders_holder", "name", row, sealed) == NAME
    for table, column, key in (
        ("holders_holder", "name", other),
        ("holders_holder", "code", row),
        ("licences_licence", "name", row),
    ):
        with pytest.raises(SealBroken):
            open_column(table, column, key, sealed)
    turned = sealed[:-1] + bytes([sealed[-1] ^ 1])
    with pytest.raises(SealBroken):
        open_column("holders_holder", "name", row, turned)


def test_the_same_value_twice_gives_two_sealed_values_and_one_index() -> None:
    row = new_id()
    assert seal_column("t", "c", row, NAME) != seal_column("t", "c", row, NAME)
    assert index_value(CODE) == index_value(f" {CODE.lower()} ")
    assert index_value(CODE) != index_value(CODE[:-1] + "8")


def test_an_encrypted_column_cannot_be_searched_by_mistake() -> None:
    with pytest.raises(TypeError, match="blind index"):
        Holder.objects.filter(name=NAME).exists()


def test_an_empty_text_stays_empty() -> None:
    assert seal_column("t", "c", new_id(), "") == b""
    assert open_column("t", "c", new_id(), b"") == ""
