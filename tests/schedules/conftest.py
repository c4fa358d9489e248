"""A schedule of the sample course, run at any moment about anything in it."""

from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from sqlalchemy import select

from schedules import Context
from storage import polls
from storage.models import Meeting


@dataclass
class Stage:
    """What a schedule says; `change` alters the meeting or the poll before."""

    chat: object

    @asynccontextmanager
    async def context(self, now, key="w3", **change):
        self.chat.at(now)
        async with self.chat.sessions.begin() as db:
            course = self.chat.course
            query = select(Meeting).where(Meeting.course_id == course.id, Meeting.key == key)
            meeting = await db.scalar(query)
            poll = await polls.election(db, course)
            for name, value in change.items():
                setattr(meeting or poll, name, value)
            yield Context(db, course, self.chat.now, self.chat.now, None, meeting, poll)

    async def says(self, schedule, now, key="w3", **change):
        """The text, after what goes elsewhere."""
        async with self.context(now, key, **change) as ctx:
            said = await schedule.run(ctx)
        return [*((post.place, post.text) for post in ctx.also), said]


@pytest.fixture
async def stage(chat):
    await chat.loads()
    return Stage(chat)
