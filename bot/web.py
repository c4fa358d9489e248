"""The small web endpoint: calendar programs fetch the dates of whoever has an address for that.

Off by default. It belongs behind a proxy that speaks https; an address is as good as a password.
"""

import asyncio
import hashlib
import logging
from collections.abc import Callable
from datetime import datetime

from aiohttp import web

from storage import ics, meetings, subscriptions
from storage.database import Sessions

log = logging.getLogger(__name__)

AGAIN = 60.0
"""Seconds after which a taken port is tried again: the rest of the bot must not suffer from it."""


async def serve(listen: str, sessions: Sessions, clock: Callable[[], datetime]) -> None:
    """Answer at this address and port until cancelled."""
    runner = web.AppRunner(application(sessions, clock), access_log=None)  # tokens are secret
    await runner.setup()
    host, _, port = listen.rpartition(":")
    try:
        while True:
            try:
                await web.TCPSite(runner, host.strip("[]"), int(port)).start()
                await asyncio.Event().wait()
            except OSError as error:
                log.error("cannot listen on %s: %s", listen, error.strerror)
                await asyncio.sleep(AGAIN)
    finally:
        await runner.cleanup()


def application(sessions: Sessions, clock: Callable[[], datetime]) -> web.Application:
    """Everything that can be asked for."""

    async def dates(request: web.Request) -> web.Response:
        """The dates of a course, without access links, as `!kalender` sends them."""
        async with sessions() as db:
            course = await subscriptions.course_of(db, request.match_info["token"])
            every = await meetings.every(db, course) if course else []
        if course is None or not every:
            raise web.HTTPNotFound(text="Diese Adresse gilt nicht (mehr).")
        data = await asyncio.to_thread(ics.render, course, every, clock())
        answer = web.Response(body=data, content_type="text/calendar", charset="utf-8")
        answer.headers["Cache-Control"] = "private, max-age=900"
        answer.etag = hashlib.sha256(
            repr([(m.key, m.sequence) for m in every]).encode()
        ).hexdigest()
        return answer

    found = web.Application(client_max_size=1024)
    found.router.add_get(subscriptions.path("{token:[A-Za-z0-9_-]{1,100}}"), dates)
    return found
