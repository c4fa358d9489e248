"""The sample course, and ways to change it behind the organisers' backs."""

import pytest
from sqlalchemy import update

from storage.models import Meeting


@pytest.fixture
async def cohort(chat):
    await chat.loads()
    return chat


@pytest.fixture
def change(cohort):
    """Change columns of rows: `await change(Meeting, "w3", cancelled=True)`; key None is all."""

    async def changed(table=Meeting, key=None, **values):
        query = update(table).values(**values)
        async with cohort.sessions.begin() as db:
            await db.execute(query if key is None else query.where(table.key == key))

    return changed
