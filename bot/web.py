"""The small web endpoint: dates for calendar programs, and how the bot is for whoever watches it.

Off by default. To the outside belongs only /kalender/, behind a proxy that speaks https: such an
address is as good as a password. The rest names nobody, but is nobody's business.
"""

import asyncio
import hashlib
import json
import logging
from collections.abc import Callable
from datetime import datetime

from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError

from bot import metrics
from bot.counts import Counts
from bot.health import Health
from storage import figures, ics, meetings, subscriptions
from storage.database import Sessions

log = logging.getLogger(__name__)

AGAIN = 60.0
"""Seconds after which a taken port is tried again: the rest of the bot must not suffer from it."""


async def serve(listen: str, pages: web.Application) -> None:
    """Answer at this address and port until cancelled."""
    runner = web.AppRunner(pages, access_log=None)  # tokens are secret
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


def calendar(sessions: Sessions, clock: Callable[[], datetime]) -> web.Application:
    """The dates of the courses."""

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


def watched(pages: web.Application, health: Health, counts: Counts) -> web.Application:
    """With /healthz, which is red (503) when something is wrong, and /metrics for Prometheus."""

    async def healthz(_: web.Request) -> web.Response:
        troubles = await health.everything()
        found = {
            "ok": not troubles,
            "reasons": [{"kind": one.kind, "text": one.text} for one in troubles],
            "warnings": health.warnings(),
        }
        return web.json_response(found, status=503 if troubles else 200, dumps=_german)

    async def numbers(_: web.Request) -> web.Response:
        pulse, troubles = health.pulse, await health.everything()
        try:
            async with health.sessions() as db:
                now = await figures.all_together(db, pulse.clock())
        except SQLAlchemyError:
            now = None
        body = metrics.shown(counts, pulse, troubles, now)
        return web.Response(body=body, headers={"Content-Type": metrics.TYPE})

    pages.router.add_get("/healthz", healthz)
    pages.router.add_get("/metrics", numbers)
    return pages


def _german(found: object) -> str:
    return json.dumps(found, ensure_ascii=False, indent=1)
