"""A phone in a story: one signed-in session over HTTP, as the web app uses it."""

from __future__ import annotations

from typing import Any, Self
from uuid import uuid4

import httpx

PASSWORD = "liangzheng-demo"
OPEN: list[httpx.Client] = []  # closed by the `city` fixture at the end
Json = Any  # answers are read the way a story reads them


class Phone:
    """A person's browser. `problem` reads a refused answer; `get` and `post` insist on success."""

    def __init__(self, address: str) -> None:
        """Open a browser nobody is signed in to."""
        self.http = httpx.Client(base_url=address, timeout=20)
        OPEN.append(self.http)
        self.http.get("/api/v1/session").raise_for_status()

    @classmethod
    def of(cls, address: str, username: str) -> Self:
        """Open a browser and sign in."""
        phone = cls(address)
        phone.post("/session", {"username": username, "password": PASSWORD})
        return phone

    def _headers(self, key: str | None) -> dict[str, str]:
        token = self.http.cookies.get("csrftoken") or ""
        return {"X-CSRFToken": token, "Idempotency-Key": key or str(uuid4())}

    def send(self, method: str, path: str, body: Json = None, *, key: str | None = None, **more: Json) -> httpx.Response:
        """Send a request as the web app does."""
        return self.http.request(method, f"/api/v1{path}", json=body, headers=self._headers(key), **more)

    def get(self, path: str) -> Json:
        """Read."""
        return _good(self.send("GET", path))

    def post(self, path: str, body: Json = None, *, key: str | None = None) -> Json:
        """Do."""
        return _good(self.send("POST", path, body if body is not None else {}, key=key))

    def put(self, path: str, body: Json) -> Json:
        """Write."""
        return _good(self.send("PUT", path, body))

    def problem(self, method: str, path: str, body: Json = None, **more: Json) -> tuple[int, str]:
        """Be refused: give the status and the stable code."""
        answer = self.send(method, path, body if body is not None else {}, **more)
        assert answer.status_code >= 400, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        return answer.status_code, str(answer.json()["code"])

    def upload(self, path: str, name: str, data: bytes) -> httpx.Response:
        """Hand over a file."""
        return self.http.post(f"/api/v1{path}", files={"file": (name, data)}, headers=self._headers(None), timeout=20)

    # --- what people do ------------------------------------------------------------------------------------------------

    def colleague(self, name: str) -> str:
        """Find a colleague's id by name."""
        return next(str(one["id"]) for one in self.get("/colleagues") if one["name"] == name)

    def code_for(self, type_label: str, number: int = 0) -> Json:
        """Show the code of the n-th own licence of a kind."""
        mine = [licence for licence in self.get("/my/licences") if licence["type_label"] == type_label]
        return self.post(f"/my/licences/{mine[number]['id']}/code")

    def scan(self, act: str, text: str, *, method: str = "camera", key: str | None = None) -> Json:
        """Scan a code into an act."""
        return self.post(f"/acts/{act}/scans", {"code": text, "method": method}, key=key)


def _good(answer: httpx.Response) -> Json:
    assert answer.is_success, f"{answer.request.method} {answer.request.url} {answer.status_code}: {answer.text}"
    return answer.json() if answer.content else None


def open_coach_act(first: Phone, second_name: str = "李海霞", plate: str = "鲁F0D101") -> Json:
    """Open the inspection of a coach."""
    return first.post(
        "/acts",
        {
            "subject": "coach",
            "place": "烟台市莱山区迎春大街演示路段",
            "second_officer": first.colleague(second_name),
            "asks": {"plate": plate},
        },
    )


def show_and_open(address: str, act: str, *officers: Phone) -> None:
    """Each officer shows his badge on his own phone; the party opens it with any camera."""
    for officer in officers:
        badge = officer.post(f"/acts/{act}/badge")
        token = badge["url"].rsplit("/b/", 1)[1]
        page = httpx.get(f"{address}/b/{token}", timeout=20)
        assert page.status_code == 200
