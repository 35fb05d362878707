"""What officers do when nobody presents a code: the forms they fill in, and whom they ask for."""

from __future__ import annotations

import os
import subprocess
import sys

from dev.city.people import holders
from tests.journeys.conftest import City
from tests.journeys.phones import Json, Phone, open_coach_act, show_and_open

CODES = {holder.key: holder.code for holder in holders()}


def open_act(city: City, first: Phone, second: Phone, name: str = "李海霞") -> str:
    """Open a coach inspection in which both have shown their badges."""
    act = str(open_coach_act(first, name)["id"])
    show_and_open(city.address, act, first, second)
    return act


def requirement(officer: Phone, act: str, way: str) -> str:
    """Find what can be looked up that way."""
    return next(str(item["requirement"]) for item in options(officer, act)["ways"] if way in item["ways"])


def options(officer: Phone, act: str) -> Json:
    """Read the form."""
    return officer.get(f"/acts/{act}/look-ups")


def by_person(name: str, code: str, *, wanted: str, ground: str = "no_phone") -> Json:
    """Ask for a driver by name and number."""
    return {"requirement": wanted, "ground": ground, "by": "person", "name": name, "id_number": code}


def by_plate(plate: str, colour: str, *, wanted: str) -> Json:
    """Ask for a vehicle."""
    return {"requirement": wanted, "ground": "nobody_present", "by": "plate", "plate": plate, "colour": colour}


def by_uscc(code: str, *, wanted: str) -> Json:
    """Ask for a firm."""
    return {"requirement": wanted, "ground": "doubt", "by": "uscc", "uscc": code}


def by_number(number: str, *, wanted: str) -> Json:
    """Ask for a licence."""
    return {"requirement": wanted, "ground": "code_unreadable", "by": "number", "number": number}


def watch(city: City) -> None:
    """Let the hourly job run now."""
    program = (
        "import django; django.setup(); from django.utils import timezone;"
        " from liangzheng.supervision.act_watch import watch_everything; watch_everything(timezone.now())"
    )
    environment = os.environ | city.environment | {"DJANGO_SETTINGS_MODULE": "liangzheng.server.settings"}
    subprocess.run([sys.executable, "-c", program], env=environment, check=True, timeout=60)
