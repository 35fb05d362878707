"""The matrix: who asks, for whose data, by which operation, and whether something crossed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from uuid import uuid4

import httpx

from liangzheng.server.api import api
from tests.isolation.recipes import EVERYBODY, PATH, RECIPES, Recipe
from tests.isolation.twins import HOLDERS, Team, Twins, everybody
from tests.journeys.phones import Json, Phone

_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
INSIDE_AN_ACT = re.compile(r"\{act_id\}/\w+/\{(?!field)")
OWN_OFFICER = "POST /acts/{act_id}/officers/{officer_id}/declined through an own act"
"""Which officer is meant is forgotten with the checks off, so this writes to the asker's own act: nothing of another's."""
ACCOUNTS = re.compile(r" /(?:posts|accounts)\b")
"""Tables that are asked for before anybody is known: there the application's check stands alone."""
SUPERVISION = re.compile(r" /(?:(?:supervision|audit)/|display-delays)")
"""Row-level security keeps these to the region; who is a supervisor or auditor in it is the application's check alone."""
SUPERVISING = frozenset({"supervisor", "auditor", "audit_administrator"})
"""Roles that read what other agencies of their own region do: within it, that is no crossing."""


def operations() -> set[str]:
    """Every operation: those of the OpenAPI document, and the few that are left out of it because they give files."""
    document: dict[str, dict[str, object]] = api.get_openapi_schema(path_prefix="")["paths"]
    documented = {f"{method.upper()} {path}" for path, methods in document.items() for method in methods}
    routed = {
        f"{method} /{'/'.join(filter(None, f'{prefix}{path}'.split('/')))}"
        for prefix, router in api._routers
        for path, view in router.path_operations.items()
        for operation in view.operations
        for method in operation.methods
    }
    assert documented <= routed
    return routed


@dataclass(frozen=True, slots=True)
class Asker:
    """Somebody with a phone; `team` None: not signed in."""

    team: Team | None
    who: str
    phone: Phone

    @property
    def values(self) -> Mapping[str, str]:
        """The values of the asker's own team."""
        return self.team.values if self.team else {}


@dataclass(slots=True)
class Tally:
    """What was tried and what crossed; `application_alone`: crossings where no policy stands behind the application (known)."""

    cells: int = 0
    application_alone: list[str] = field(default_factory=list)
    crossings: list[str] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)


class Matrix:
    """All cells around one team's data, at one server."""

    def __init__(self, twins: Twins, owner: Team, address: str, *, checks_are_on: bool, every: int = 1) -> None:
        """Name the owner and the server."""
        self.every = every
        self.twins, self.owner, self.address, self.checks_are_on = twins, owner, address, checks_are_on
        self.tally = Tally()
        self.file = next((twins.folder / "licences").glob("*.ofd"))
        self._phones: dict[tuple[str, str], Phone] = {}
        self._nobody = Phone(address)
        self.heard: dict[tuple[str, str], str] = {}
        self._ghosts: dict[tuple[str, str], tuple[int, Json]] = {}

    def askers(self, name: str) -> Iterator[Asker]:
        """Everybody of the other teams, of the own team (unless only row-level security is left), and nobody.

        With `every` n only each n-th of them, another part for each operation, and always the others' officers.
        """
        place = list(RECIPES).index(name)
        for number, (team, who) in enumerate(everybody(self.twins)):
            is_asked = (number + place) % self.every == 0 or (who == "officer" and team is not self.owner)
            if is_asked and (self.checks_are_on or team is not self.owner):
                yield Asker(team, who, self._phone(team, who))
        yield Asker(None, "nobody", self._nobody)

    def _phone(self, team: Team, who: str) -> Phone:
        if (team.key, who) not in self._phones:
            self._phones[team.key, who] = self.twins.phone(team, who, self.address)
        return self._phones[team.key, who]

    def owner_succeeds(self, name: str) -> list[str]:
        """Call an operation as those it is for; give what failed."""
        recipe = RECIPES[name]
        failed = []
        whose = ("officer",) if recipe.who == EVERYBODY else recipe.who
        for who in whose if recipe.kind != "public" else ():
            answer = self.send(name, recipe, Asker(self.owner, who, self.twins.phone(self.owner, who)), {})
            self.heard[name, who] = plain(answer)
            if not answer.is_success:
                failed.append(f"{name} as {who}: {answer.status_code} {answer.text[:200]}")
        return failed

    def unmasked(self) -> list[str]:
        """Give the operations that told somebody else than the holder himself a whole identifier."""
        whole = [self.owner.values[name] for name in ("driver_code", "driver_number", "firm_code")]
        told = {name for (name, who), text in self.heard.items() if who not in HOLDERS and any(word in text for word in whole)}
        return sorted(told)

    def attack(self, name: str) -> None:
        """Let everybody call an operation on the owner's data."""
        recipe = RECIPES[name]
        for asker in self.askers(name):
            is_mine = asker.team is self.owner
            if recipe.kind == "own" and asker.team is not None:
                continue  # it names nobody: there is nothing to cross into
            if (is_mine and (asker.who in recipe.who or recipe.who == EVERYBODY)) or (
                recipe.kind == "public" and not name.startswith("GET")
            ):
                continue
            self._judge(name, recipe, asker, self.send(name, recipe, asker, {}), is_mine=is_mine)
            if INSIDE_AN_ACT.search(name) and not is_mine and "act" in asker.values:
                answer = self.send(name, recipe, asker, {"act": asker.values["act"]})  # through a door of one's own
                self._judge(f"{name} through an own act", recipe, asker, answer, is_mine=False)

    def _judge(self, name: str, recipe: Recipe, asker: Asker, answer: httpx.Response, *, is_mine: bool) -> None:
        self.tally.cells += 1
        line = f"{name} as {asker.team.key if asker.team else ''} {asker.who}: {answer.status_code}"
        is_near = asker.team is not None and asker.team.values["region"] == self.owner.values["region"]
        if asker.who in SUPERVISING and is_near:
            return
        if not self.checks_are_on and name == OWN_OFFICER:
            return
        told = {secret for secret in self.owner.secrets() if not is_mine and secret in plain(answer)}
        stands_alone = not self.checks_are_on and (ACCOUNTS.search(name) or (is_near and SUPERVISION.search(name)))
        crossings = self.tally.application_alone if stands_alone else self.tally.crossings
        if answer.is_success and recipe.kind == "object":
            crossings.append(line)
        elif answer.is_success and told and not name.startswith("POST /queue"):
            crossings.append(f"{line} tells {len(told)} values")
        elif answer.is_success and asker.team is None and recipe.kind != "public" and self.checks_are_on:
            self.tally.crossings.append(f"{line} without signing in")
        elif recipe.kind == "object" and self.checks_are_on and not (is_mine and asker.who in recipe.differs):
            self._compare(line, name, recipe, asker, answer)

    def _compare(self, line: str, name: str, recipe: Recipe, asker: Asker, answer: httpx.Response) -> None:
        """What is not yours is answered as what does not exist."""
        plain = name.removesuffix(" through an own act")
        key = (name, asker.who)
        if key not in self._ghosts:
            ghosts = {kind: str(uuid4()) for kind, value in self.owner.values.items() if _ID.fullmatch(value)}
            ghosts |= {kind: "nobody-here" for kind in self.owner.values if kind.endswith(("_user", "_certificate"))}
            ghosts |= {"act": asker.values["act"]} if plain != name else {}
            self._ghosts[key] = _said(self.send(plain, recipe, asker, ghosts))
        if _said(answer) != self._ghosts[key]:
            self.tally.differences.append(f"{line}: {_said(answer)} is not {self._ghosts[key]}")

    def send(self, name: str, recipe: Recipe, asker: Asker, instead: Mapping[str, str]) -> httpx.Response:
        """Call an operation with the owner's values, some of them replaced."""
        method, _, path = name.partition(" ")
        values = {**self.owner.values, **instead, **{f"my_{key}": value for key, value in asker.values.items()}}
        names = {**PATH, **recipe.path}
        for place in re.findall(r"{(\w+)}", path):
            path = path.replace(f"{{{place}}}", _filled(names[place], values))
        if recipe.upload:
            return asker.phone.upload(path, "licence.ofd", self.file.read_bytes())
        made = recipe.body(asker.phone) if callable(recipe.body) and asker.team else {}
        body = made if callable(recipe.body) else _filled(recipe.body, values)
        return asker.phone.send(method, path, body, params=dict(recipe.query))


def plain(answer: httpx.Response) -> str:
    """Give an answer's text as people read it; JSON comes with its characters escaped."""
    try:
        return json.dumps(answer.json(), ensure_ascii=False)
    except ValueError:
        return answer.text


def _filled(body: Json, values: Mapping[str, str]) -> Json:
    if isinstance(body, str):
        return values.get(body[1:], "missing") if body.startswith("$") else body
    if isinstance(body, dict):
        return {name: _filled(value, values) for name, value in body.items()}
    return [_filled(item, values) for item in body] if isinstance(body, list) else body


def _said(answer: httpx.Response) -> tuple[int, Json]:
    """Give status and text without the ids that were asked for."""
    try:
        return answer.status_code, json.loads(_ID.sub("…", answer.text))
    except ValueError:
        return answer.status_code, len(answer.content)
