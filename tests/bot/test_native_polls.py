"""What people do with the native poll in a room, as far as the bot takes notice of it."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from bot import announcing, chart
from bot.incoming import NativeVote, PollEnd, Retraction, Sealed
from schedules import Context
from storage import chart as charts
from storage import polls
from storage.models import Ballot, Occurrence, OutgoingMessage, Poll
from storage.replies import INFO, Post
from storage.tally import Tally


@pytest.fixture
async def room(chat):
    """The sample course after its poll has opened; its native poll is `chat.poll`."""
    await chat.loads()
    await chat.clock_strikes("2026-11-30 09:00")
    number = next(n for n, said in enumerate(chat.said, 1) if said.type.endswith("poll.start"))
    chat.poll = f"$sent{number}"
    chat.at("2026-12-01 09:00")
    return chat


def about(chat, kind, name, by, *more, **changes):
    who, where = f"@{by}:chat.example.org", chat.room("austausch")
    return replace(kind(name, where, who, *more, chat.now, chat.now), **changes)


def click(chat, name, by, *choices, on=None, **changes):
    return about(chat, NativeVote, name, by, on or chat.poll, choices, **changes)


async def votes(chat):
    async with chat.sessions() as db:
        tally = await polls.tally(db, (await db.scalars(select(Poll))).one())
        return {number: count for number, count in tally.votes.items() if count}


async def rows(chat):
    async with chat.sessions() as db:
        return [row.event_id for row in await db.scalars(select(Ballot).order_by(Ballot.id))]


async def test_a_deleted_vote_goes_back_to_the_one_before(room):
    await room.hears(click(room, "$1", "tn01", "3"), click(room, "$2", "tn01", "1"))
    assert await votes(room) == {1: 1}
    await room.hears(about(room, Retraction, "$r", "tn01", "$2"))
    assert await votes(room) == {3: 1}


async def test_nobody_deletes_the_votes_of_others(room):
    await room.hears(click(room, "$1", "tn01", "3"))
    await room.hears(about(room, Retraction, "$r", "tn02", "$1"))
    assert await votes(room) == {3: 1}
    await room.hears(about(room, Retraction, "$s", "leitung-ihk", "$1", allowed=True))
    assert await votes(room) == {}


async def test_a_deletion_after_the_end_changes_no_result(room):
    await room.hears(click(room, "$1", "tn01", "3"))
    room.at("2026-12-11 12:00:01")
    await room.hears(about(room, Retraction, "$r", "tn01", "$1"))
    assert await votes(room) == {3: 1}


async def test_a_vote_that_is_deleted_before_it_can_be_read_does_not_count(room):
    sealed = about(room, Sealed, "$1", "tn01", {"content": {}})
    await room.hears(sealed)
    await room.hears(about(room, Retraction, "$r", "tn01", "$1"))
    await room.hears(click(room, "$1", "tn01", "3"))
    assert await votes(room) == {}


async def test_a_forged_end_ends_nothing(room):
    await room.hears(about(room, PollEnd, "$e", "tn02", room.poll))
    room.at("2026-12-01 10:00")
    await room.hears(click(room, "$1", "tn01", "3"))
    assert await votes(room) == {3: 1}


async def test_after_the_end_by_a_moderator_clicks_do_not_count_but_numbers_do(room):
    await room.hears(about(room, PollEnd, "$e", "leitung-ihk", room.poll, allowed=True))
    room.at("2026-12-01 10:00")
    await room.hears(click(room, "$1", "tn01", "3"))
    await room.says("!stimme 1", by="tn02")
    assert await votes(room) == {1: 1}


async def test_an_edited_vote_has_its_new_answer(room):
    await room.hears(click(room, "$1", "tn01", "3"))
    await room.hears(click(room, "$2", "tn01", "1", on="$1", edit=True))
    assert await votes(room) == {1: 1}


async def test_an_edit_of_the_poll_itself_changes_nothing(room):
    await room.hears(click(room, "$1", "tn01", "3"))
    await room.hears(click(room, "$2", "tn02", "1", edit=True))
    assert await votes(room) == {3: 1}


async def test_the_deletion_of_anything_else_is_not_kept(room):
    await room.hears(about(room, Retraction, "$r", "tn01", "$chat"))
    assert await rows(room) == []


async def test_a_deleted_command_has_voted_all_the_same(room):
    await room.says("!stimme 3", by="tn01", place="austausch", event_id="$typed")
    await room.hears(about(room, Retraction, "$r", "tn01", "$typed"))
    assert await votes(room) == {3: 1}


async def test_a_picture_follows_the_text_that_it_belongs_to(room):
    shown = charts.of("Was?", Tally(1, 2, {1: 1, 2: 0}), {1: "Dies", 2: "Das"}, ["A"])
    async with room.sessions.begin() as db:
        occurrence = (await db.scalars(select(Occurrence))).first()
        also = [Post(INFO, "Ergebnis", push=True, chart=shown)]
        ctx = Context(db, room.course, room.now, room.now, also=also)
        assert await announcing.put(db, ctx, occurrence, None) == 2
        last = select(OutgoingMessage).order_by(OutgoingMessage.id.desc())
        picture = (await db.scalars(last)).first()
        assert picture.room_id == room.room(INFO)
        assert picture.content["body"] == (
            "Bild zum Ergebnis. 1 – Dies: 1, Platz A; 2 – Das: 0. 1 von 2 haben abgestimmt."
        )
        data = await db.scalar(select(OutgoingMessage.file).where(OutgoingMessage.id == picture.id))
        assert data == chart.draw(shown).data
