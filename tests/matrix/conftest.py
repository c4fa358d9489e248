"""One homeserver for the whole run, and as many people on it as a test wants."""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import pytest

from bot.homeserver import Homeserver
from bot.participant import Participant

PASSWORD = "geheim"
Login = Callable[[str], Awaitable[Participant]]


@pytest.fixture(scope="session")
def homeserver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Homeserver]:
    server = Homeserver(tmp_path_factory.mktemp("homeserver"))
    try:
        asyncio.run(server.start())
        yield server
    finally:
        asyncio.run(server.stop())


@pytest.fixture
async def participant(homeserver: Homeserver) -> AsyncIterator[Login]:
    """`await participant("anna")` is a new, logged-in person shown as anna; one device each."""
    async with contextlib.AsyncExitStack() as people:

        async def login(name: str) -> Participant:
            account = f"{name}-{secrets.token_hex(4)}"
            await homeserver.register(account, PASSWORD, displayname=name)
            person = Participant(homeserver.base_url, homeserver.user_id(account))
            await people.enter_async_context(person)
            await person.login(PASSWORD)
            return person

        yield login
