"""Which rooms belong to the courses, who may ask the bot in, and what moves with a room."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from storage import (
    database,
    direct_chats,
    invitations,
    outbox,
    questions,
    retention,
    rooms,
    upgrades,
)
from storage.database import Sessions
from storage.models import (
    Course,
    DirectChat,
    Invitation,
    Organiser,
    OutgoingMessage,
    Person,
    Room,
    Upgrade,
)
from storage.replies import Reply
from tests import databases

NOW = datetime(2026, 11, 24, 14, tzinfo=UTC)
LEADER, OTHER = "@leitung:example.org", "@andere:example.org"
PERSON, GONE, STRANGER = "@tn01:example.org", "@weg:example.org", "@fremd:example.org"
TALK, ORGA, FOREIGN = "!talk:example.org", "!orga:example.org", "!woanders:example.org"
ALIAS = "#info:example.org"


@pytest.fixture
async def sessions(tmp_path: Path) -> AsyncIterator[Sessions]:
    async with database.opened(databases.of(tmp_path / "kursbot.db")) as found:
        yield found


async def furnish(sessions: Sessions) -> None:
    """Two courses; the alias of one room leads nowhere yet."""
    async with sessions.begin() as db:
        for key in ("eins", "zwei"):
            day = date(2026, 11, 1)
            facts = {"title": "T", "short_title": "T", "timezone": "Europe/Berlin"}
            dates = {"begins": day, "ends": day, "imported_at": NOW}
            db.add(Course(key=key, **facts, **dates))
        await db.flush()
        db.add(Room(course_id=1, kind="austausch", address=TALK, room_id=TALK))
        db.add(Room(course_id=1, kind="orga", address=ORGA, room_id=ORGA, membership="join"))
        db.add(Room(course_id=1, kind="ankuendigungen", address=ALIAS))
        db.add(Organiser(course_id=1, mxid=LEADER))
        db.add(Organiser(course_id=2, mxid=OTHER))
        for key, mxid, status in (("a", PERSON, "aktiv"), ("b", GONE, "ausgeschieden")):
            db.add(Person(course_id=1, key=key, display=key, mxid=mxid, status=status))


def invitation(inviter, room_id=FOREIGN, **more):
    return Invitation(room_id=room_id, inviter=inviter, at=NOW, **more)


@pytest.mark.parametrize(
    ("asked", "verdict"),
    [
        # a course's rooms: only those who lead that course
        (invitation(LEADER, TALK), True),
        (invitation(LEADER, TALK, direct=True), True),
        (invitation(OTHER, TALK), False),
        (invitation(PERSON, TALK), False),
        (invitation(PERSON, TALK, direct=True), False),
        (invitation(STRANGER, TALK), False),
        # direct chats: the people of a course
        (invitation(PERSON, direct=True), True),
        (invitation(LEADER, direct=True), True),
        (invitation(OTHER, direct=True), True),
        (invitation(GONE, direct=True), False),
        (invitation(STRANGER, direct=True), False),
        # anywhere else nobody, but an alias may still have to be looked up
        (invitation(PERSON), False),
        (invitation(OTHER), False),
        (invitation(STRANGER), False),
        (invitation(LEADER), None),
        # once decided, it stays decided
        (invitation(STRANGER, accepted=True), True),
    ],
)
async def test_who_is_welcome(sessions, asked, verdict):
    await furnish(sessions)
    async with sessions() as db:
        assert await invitations.welcome(db, asked) is verdict


@pytest.mark.parametrize(
    ("inviter", "shared", "verdict"),
    [(STRANGER, [TALK], True), (STRANGER, [FOREIGN], False), (GONE, [TALK], False)],
)
async def test_who_is_in_a_room_of_the_course_may_write_directly(
    sessions, inviter, shared, verdict
):
    await furnish(sessions)
    async with sessions() as db:
        assert await invitations.welcome(db, invitation(inviter, direct=True), shared) is verdict
        assert await invitations.welcome(db, invitation(inviter), shared) is False


async def test_nobody_is_known_before_the_first_course(sessions):
    async with sessions() as db:
        for asked in (invitation(LEADER), invitation(STRANGER, direct=True)):
            assert await invitations.welcome(db, asked) is None


@pytest.mark.parametrize(
    ("inviter", "state", "verdict"),
    [
        (LEADER, "erwartet", True),
        (STRANGER, "erwartet", True),
        (PERSON, "erwartet", False),
        (OTHER, "erwartet", False),
        (STRANGER, "abgelehnt", False),
        (STRANGER, "gefolgt", False),
    ],
)
async def test_who_may_ask_into_the_room_that_replaces_one(sessions, inviter, state, verdict):
    await furnish(sessions)
    async with sessions.begin() as db:
        await rooms.resolve(db, ALIAS, "!info:example.org")
        await upgrades.keep(
            db, Upgrade(old=TALK, new=FOREIGN, by=STRANGER, heirs=[STRANGER], state=state)
        )
    async with sessions() as db:
        assert await invitations.welcome(db, invitation(inviter)) is verdict


async def test_declined_invitations_are_counted_for_a_month(sessions):
    today = NOW.date()
    async with sessions.begin() as db:
        for day in (today - timedelta(days=40), today - timedelta(days=1), today, today):
            await invitations.keep(db, invitation(STRANGER))
            await invitations.decline(db, invitation(STRANGER), day)
        await invitations.decline(db, invitation(PERSON, "!x:example.org"), today)
        await retention.of_bot(db, NOW)
    async with sessions() as db:
        assert await invitations.waiting(db) == []
        assert await invitations.declined(db) == {
            (today - timedelta(days=1), STRANGER): 1,
            (today, STRANGER): 2,
            (today, PERSON): 1,
        }


async def test_an_accepted_invitation_stays_until_it_is_dropped(sessions):
    async with sessions.begin() as db:
        await invitations.keep(db, invitation(LEADER))
        await invitations.accept(db, invitation(LEADER))
        await invitations.accept(db, invitation(LEADER, TALK))
    async with sessions.begin() as db:
        assert sorted(await invitations.accepted(db)) == [TALK, FOREIGN]
        await invitations.drop(db, TALK)
    async with sessions() as db:
        assert await invitations.accepted(db) == [FOREIGN]


async def test_leaving_is_news_once(sessions):
    await furnish(sessions)
    async with sessions.begin() as db:
        assert [room.kind for room in await rooms.left(db, ORGA)] == ["orga"]
        assert await rooms.left(db, ORGA) == []
        assert await rooms.left(db, TALK) == []  # the bot has never been in
        assert await rooms.memberships(db) == {TALK: "", ORGA: "leave"}
        await rooms.entered(db, [TALK, ORGA, FOREIGN])
        assert await rooms.memberships(db) == {TALK: "join", ORGA: "join"}
        assert [room.kind for room in await rooms.left(db, ORGA)] == ["orga"]


def message(cause, room_id, **more):
    return OutgoingMessage(cause=cause, room_id=room_id, content={}, due=NOW, **more)


async def test_everything_moves_with_a_room(sessions):
    await furnish(sessions)
    async with sessions.begin() as db:
        for row in (message("wartet", TALK), message("bleibt", ORGA), message("war", TALK)):
            await outbox.put(db, row)
        await outbox.put(db, message("frage", ORGA, reply_room=TALK))
        sent = next(row for row in await outbox.every(db) if row.cause == "war")
        await outbox.mark(db, sent, outbox.SENT, "$war")
        for place, who, line in (
            (TALK, PERSON, "alt"),
            (TALK, LEADER, "nur"),
            (FOREIGN, PERSON, "neu"),
        ):
            asked = questions.of(Reply("", answers={"1": line}), place, who, "$frage", NOW)
            await questions.ask(db, asked)
        await direct_chats.keep(db, DirectChat(mxid=PERSON, room_id=TALK, again=NOW))
    async with sessions.begin() as db:
        moved = await upgrades.follow(db, TALK, FOREIGN)
        assert [(room.course_id, room.kind) for room in moved] == [(1, "austausch")]
    async with sessions() as db:
        assert {row.cause: (row.room_id, row.reply_room) for row in await outbox.every(db)} == {
            "wartet": (FOREIGN, None),
            "bleibt": (ORGA, None),
            "war": (TALK, None),
            "frage": (ORGA, FOREIGN),
        }
        assert (await questions.pending(db, FOREIGN, PERSON, NOW)).answers == {"1": "neu"}
        assert (await questions.pending(db, FOREIGN, LEADER, NOW)).answers == {"1": "nur"}
        assert await questions.pending(db, TALK, PERSON, NOW) is None
        chat = await direct_chats.get(db, PERSON)
        assert chat == DirectChat(mxid=PERSON, room_id=FOREIGN, again=NOW)
        assert not await rooms.known(db, TALK)
        assert await rooms.known(db, FOREIGN)


async def test_an_alias_that_stayed_behind_leads_to_the_newest_room(sessions):
    await furnish(sessions)
    async with sessions.begin() as db:
        steps = {"!a": ("!b", "gefolgt"), "!b": ("!c", "gefolgt"), "!c": ("!d", "erwartet")}
        steps |= {"!x": ("!y", "gefolgt"), "!y": ("!x", "gefolgt")}
        for old, (new, state) in steps.items():
            await upgrades.keep(db, Upgrade(old=old, new=new, by="", heirs=[], state=state))
    async with sessions.begin() as db:
        assert [await upgrades.newest(db, room) for room in ("!a", "!c", "!z")] == [
            *("!c", "!c", "!z"),
        ]
        assert await upgrades.newest(db, "!x") == "!x"  # round in circles, and to an end
        await rooms.resolve(db, ALIAS, "!a")
        assert await rooms.memberships(db) == {TALK: "", ORGA: "join", "!c": ""}
        assert await rooms.nameless(db, "example.org") == []
