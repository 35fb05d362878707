"""A strict client of OpenID Connect: authorization code with PKCE, state and nonce; ID token in ES256; nothing else is spoken.

The decision for these lines and against a library stands in docs/decisions/0007-outside-sign-in.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from liangzheng.connectors.bounded_http import Trouble, ask
from liangzheng.formats.id_token import BadIdToken, Expected, check_id_token, read_jwks
from liangzheng.people.outside import Going, Identified, NotIdentified


@dataclass(frozen=True, slots=True)
class OpenIdProvider:
    """One provider, as the operator's file names it; addresses never come from an answer."""

    key: str
    label: str
    issuer: str
    authorization_url: str
    token_url: str
    jwks_url: str
    client_id: str
    client_secret: str

    def address(self, going: Going) -> str:
        """Give the address at which the person signs in."""
        question = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": going.redirect,
            "scope": "openid",  # no name, no number: the link is by subject alone
            "state": going.state,
            "nonce": going.nonce,
            "code_challenge": going.challenge,
            "code_challenge_method": "S256",
        }
        return f"{self.authorization_url}?{urlencode(question)}"

    def identify(self, code: str, going: Going, now: datetime) -> Identified:
        """Exchange the code and check the ID token. Raises NotIdentified."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": going.redirect,
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "code_verifier": going.verifier,
        }
        try:
            answer = ask(self.token_url, None, form=form)
            keys = read_jwks(ask(self.jwks_url, None))
            expected = Expected(self.issuer, self.client_id, going.nonce, now.timestamp())
            claims = check_id_token(str(answer.get("id_token", "")), keys, expected)
        except Trouble as trouble:
            raise NotIdentified("unavailable" if trouble.kind == "unavailable" else "refused", trouble.kind) from trouble
        except BadIdToken as error:
            raise NotIdentified("refused", str(error)) from error
        return Identified(claims.subject, claims.has_second_factor)
