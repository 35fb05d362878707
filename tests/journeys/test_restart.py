"""The server is killed in the middle of an act: what was acknowledged is there, and the same request is done once."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

from tests.journeys.conftest import City, free_port, start_server
from tests.journeys.phones import Phone, open_coach_act, show_and_open

DRIVER = "道路运输从业人员从业资格证"


def test_nothing_acknowledged_is_lost_and_nothing_is_done_twice(city: City, city_folder: Path) -> None:
    port = free_port()
    environment = city.environment | {"LIANGZHENG_PORT": str(port), "LIANGZHENG_WORKERS": "1"}
    text, key = city.phone("zhang").code_for(DRIVER)["text"], str(uuid4())
    server = start_server(city_folder, environment, port)
    with server as address:
        wang = Phone.of(address, "wang")
        act = open_coach_act(wang)["id"]
        show_and_open(address, act, wang, Phone.of(address, "li"))
        before = wang.scan(act, text, key=key)
        exhibit = wang.post(f"/acts/{act}/scans/{before['id']}/exhibit")
        server.kill()
    with start_server(city_folder, environment, port) as address:
        wang = Phone.of(address, "wang")
        assert wang.scan(act, text, key=key)["id"] == before["id"], "the phone repeats what it has not heard about"
        assert wang.post(f"/acts/{act}/scans/{before['id']}/exhibit")["id"] == exhibit["id"]
        after = wang.get(f"/acts/{act}")
        assert (len(after["scans"]), len(after["exhibits"]), after["gate"]["open"]) == (1, 1, True)
