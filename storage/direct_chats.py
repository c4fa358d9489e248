"""The direct chats that the bot has begun itself."""

from sqlalchemy.ext.asyncio import AsyncSession

from storage.models import DirectChat


async def get(db: AsyncSession, mxid: str) -> DirectChat | None:
    """The chat that the bot began with somebody, or meant to."""
    return await db.get(DirectChat, mxid)


async def keep(db: AsyncSession, chat: DirectChat) -> None:
    """Remember the intent, or what became of it."""
    await db.merge(chat)
    await db.flush()
