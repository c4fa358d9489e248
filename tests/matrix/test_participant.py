"""The independent client: what one person does, another one sees."""

import pytest

from bot.homeserver import Homeserver
from bot.participant import POLL_RESPONSE, Participant, Refused
from tests.matrix.conftest import Login

POLL_START = "org.matrix.msc3381.poll.start"
TEXT = "org.matrix.msc1767.text"
POLL = {
    TEXT: "Welches Thema?",
    POLL_START: {
        "kind": "org.matrix.msc3381.poll.disclosed",
        "max_selections": 1,
        "question": {TEXT: "Welches Thema?"},
        "answers": [{"id": "a", TEXT: "Recht"}, {"id": "b", TEXT: "Förderung"}],
    },
}


async def shared_room(host: Participant, *guests: Participant) -> str:
    room = await host.create_room("Austausch", invite=[guest.user_id for guest in guests])
    for guest in guests:
        await guest.join(room)
    return room


async def test_an_invited_person_joins_by_alias_and_reads_along(participant: Login) -> None:
    anna, bernd = await participant("anna"), await participant("bernd")
    alias = anna.user_id[1:].split(":")[0]
    room = await anna.create_room("Orga", room_alias_name=alias, invite=[bernd.user_id])

    invitation = await bernd.wait_for(lambda event: event.content.get("membership") == "invite")
    assert (invitation.room, invitation.sender) == (room, anna.user_id)
    assert await bernd.join(f"#{alias}:localhost") == room
    assert await bernd.joined_rooms() == [room]
    assert await bernd.state(room, "m.room.name") == {"name": "Orga"}

    event_id = await anna.say(room, "Hallo Bernd! 👋")
    greeting = await bernd.wait_for(lambda event: event.body == "Hallo Bernd! 👋")
    assert (greeting.id, greeting.sender, greeting.room) == (event_id, anna.user_id, room)
    assert greeting.content == {"msgtype": "m.text", "body": "Hallo Bernd! 👋", "m.mentions": {}}


async def test_what_was_said_before_waiting_is_not_lost_nor_seen_twice(participant: Login) -> None:
    anna, bernd = await participant("anna"), await participant("bernd")
    room = await shared_room(anna, bernd)
    for text in ("eins", "zwei", "eins"):
        await anna.say(room, text)
    assert (await bernd.wait_for(lambda event: event.body == "zwei")).body == "zwei"
    assert (await bernd.wait_for(lambda event: event.body == "eins")).body == "eins"
    assert (await bernd.wait_for(lambda event: event.body == "eins")).body == "eins"
    with pytest.raises(TimeoutError, match="in vain"):
        await bernd.wait_for(lambda event: event.body == "eins", seconds=0.1)


async def test_replies_reactions_edits_and_redactions_arrive(participant: Login) -> None:
    anna, bernd = await participant("anna"), await participant("bernd")
    room = await shared_room(anna, bernd)
    question = await anna.say(room, "Wann?")
    reply = await bernd.reply(room, question, "Morgen")
    await bernd.edit(room, reply, "Heute")
    await bernd.react(room, question, "👍")
    await anna.redact(room, question)

    seen = {event.id: event.content for event in await anna.messages(room)}
    assert seen[question] == {}
    assert seen[reply]["m.relates_to"] == {"m.in_reply_to": {"event_id": question}}
    relations = [content.get("m.relates_to", {}) for content in seen.values()]
    assert {"rel_type": "m.replace", "event_id": reply} in relations
    assert {"rel_type": "m.annotation", "event_id": question, "key": "👍"} in relations


async def test_a_native_poll_is_answered_and_a_vote_withdrawn(participant: Login) -> None:
    anna, bernd = await participant("anna"), await participant("bernd")
    room = await shared_room(anna, bernd)
    poll = await anna.send(room, POLL_START, POLL)
    assert (await bernd.wait_for(lambda event: event.type == POLL_START)).id == poll

    for answers, choice in ((["b"], {"answers": ["b"]}), ([], {})):
        await bernd.vote(room, poll, answers)
        vote = await anna.wait_for(lambda event: event.type == POLL_RESPONSE)
        assert vote.sender == bernd.user_id
        assert vote.content["m.relates_to"] == {"rel_type": "m.reference", "event_id": poll}
        assert vote.content[POLL_RESPONSE] == choice


async def test_a_long_gap_is_read_in_order_and_completely(participant: Login) -> None:
    anna, bernd = await participant("anna"), await participant("bernd")
    room = await shared_room(anna, bernd)
    texts = [f"Nachricht {number}" for number in range(160)]
    for text in texts:
        await anna.say(room, text)

    waited = [await bernd.wait_for(lambda event: bool(event.body)) for _ in texts]
    assert [event.body for event in waited] == texts
    assert [event.body for event in await bernd.messages(room) if event.body] == texts
    now = bernd.since
    await anna.say(room, "später")
    assert [event.body for event in await bernd.messages(room, since=now)] == ["später"]


async def test_files_go_up_and_come_down(participant: Login) -> None:
    anna, bernd = await participant("anna"), await participant("bernd")
    address = await anna.upload(b"BEGIN:VCALENDAR\r\n", "text/calendar", "Kürzel & Termine.ics")
    assert await bernd.download(address) == b"BEGIN:VCALENDAR\r\n"


async def test_who_has_left_is_out(participant: Login) -> None:
    anna, bernd = await participant("anna"), await participant("bernd")
    room = await shared_room(anna, bernd)
    await bernd.leave(room)
    assert await bernd.joined_rooms() == []
    with pytest.raises(Refused) as refusal:
        await bernd.say(room, "Bin ich noch da?")
    assert refusal.value.status == 403
    await anna.invite(room, bernd.user_id)
    assert await bernd.join(room) == room


async def test_a_token_is_enough(participant: Login, homeserver: Homeserver) -> None:
    anna = await participant("anna")
    token = await anna.login("geheim")
    async with Participant(homeserver.base_url, anna.user_id, token) as same:
        assert (await same.call("GET", "account", "whoami"))["user_id"] == anna.user_id
