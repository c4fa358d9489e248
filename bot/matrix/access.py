"""The right to speak for an account: a token that is renewed when it expires, until it is refused.

Client-Server API, "Refreshing access tokens" and "Soft logout".
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bot.obstacles import Unreachable

Answer = tuple[int, dict[str, Any]]
"""The HTTP status of an answer and what it says."""

Ask = Callable[[str], Awaitable[Answer]]
"""A request that wants nothing but a token."""

UNKNOWN_TOKEN = "M_UNKNOWN_TOKEN"
DEACTIVATED, LOCKED = "M_USER_DEACTIVATED", "M_USER_LOCKED"

MOST_PATIENCE = 300.0
"""A server that asks for a longer pause (in seconds) is asked again after this one."""


class SignedOut(Exception):
    """The account is not ours any more; the text says what the operator can do."""


class TokenRefused(SignedOut):
    """The server does not accept this token any more; `code` is its own word for why.

    `token` is the fingerprint of the token, `device` the device that may be signed in again; empty
    when its keys are gone with it.
    """

    def __init__(self, token: str, code: str, device: str = "") -> None:
        super().__init__(f"Der Homeserver nimmt das Token nicht an ({code}).")
        self.token, self.code, self.device = token, code, device


@dataclass(frozen=True)
class Credentials:
    """What opens the account, and where it came from.

    `origin` is the fingerprint of the settings it was made from, `renewed` the time (seconds since
    1970) of the last sign-in that became necessary because the server had refused a token.
    """

    access_token: str = field(default="", repr=False)
    device_id: str = ""
    refresh_token: str = field(default="", repr=False)
    origin: str = ""
    renewed: float = 0.0


class Access:
    """The token of a session. `keep` writes new credentials down before they are used."""

    def __init__(self, credentials: Credentials, keep: Callable[[Credentials], None]) -> None:
        self.credentials = credentials
        self._keep = keep
        self._turn = asyncio.Lock()
        self._refusal: TokenRefused | None = None

    async def use(self, ask: Ask, refresh: Ask) -> Answer:
        """What the server answers to a request with our token, asked again if that had expired.

        Raises `TokenRefused`, once and for all: nothing is asked any more after it.
        """
        token = await self._token()
        status, answer = await ask(token)
        if refused(status, answer):
            token = await self._renewed(token, answer, refresh)
            status, answer = await ask(token)
            if refused(status, answer):
                self._give_up(answer)
        return status, answer

    def identify(self, device: str) -> None:
        """The server has said to which device the token belongs."""
        self.credentials = replace(self.credentials, device_id=device)

    async def _token(self) -> str:
        """The token, or the next one if it is just being renewed."""
        async with self._turn:
            self._check()
            return self.credentials.access_token

    async def _renewed(self, token: str, refusal: Mapping[str, Any], refresh: Ask) -> str:
        """The token that follows this one; whoever comes first gets it, the others wait.

        Whether the refusal is called a soft one does not matter here: a homeserver behind the
        Matrix Authentication Service does not say so when a token has expired.
        """
        async with self._turn:
            self._check()
            current = self.credentials
            if current.access_token != token:
                return current.access_token
            if refusal["errcode"] != UNKNOWN_TOKEN or not current.refresh_token:
                self._give_up(refusal)
            status, answer = await refresh(current.refresh_token)
            if status in (400, 401, 403, 404) and "errcode" in answer:
                self._give_up(refusal)
            if status != 200 or not isinstance(answer.get("access_token"), str):
                raise Unreachable(f"HTTP {status} to a refresh", patience(answer))
            self._take(answer)
            return self.credentials.access_token

    def _take(self, answer: Mapping[str, Any]) -> None:
        """A crash before this is on the disk leaves the old refresh token, still good."""
        follower = str(answer.get("refresh_token") or self.credentials.refresh_token)
        token = answer["access_token"]
        fresh = replace(self.credentials, access_token=token, refresh_token=follower)
        try:
            self._keep(fresh)
        except OSError as error:
            raise Unreachable(f"new tokens cannot be kept: {error.strerror}") from None
        self.credentials = fresh

    def _check(self) -> None:
        if self._refusal:
            raise self._refusal.with_traceback(None)

    def _give_up(self, answer: Mapping[str, Any]) -> None:
        code = str(answer["errcode"])[:40]
        device = self.credentials.device_id if answer.get("soft_logout") is True else ""
        self._refusal = TokenRefused(fingerprint(self.credentials.access_token), code, device)
        raise self._refusal


def refused(status: int, answer: Mapping[str, Any]) -> bool:
    """Whether the server, and not somebody before it, refuses the token or the account itself."""
    if not isinstance(answer.get("errcode"), str):
        return False
    return (status == 401 and "flows" not in answer) or answer["errcode"] == DEACTIVATED


def fingerprint(secret: str) -> str:
    """What tells secrets apart without telling them."""
    return hashlib.sha256(secret.encode()).hexdigest()


def patience(answer: Mapping[str, Any]) -> float:
    """Seconds that the server asks for, within reason; 0 when it asks for nothing."""
    wait = answer.get("retry_after_ms")
    if not isinstance(wait, int | float):
        return 0.0
    return max(500.0, min(MOST_PATIENCE * 1000, wait)) / 1000
