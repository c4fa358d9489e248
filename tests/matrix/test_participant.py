"""The independent client: what one person does, another one sees."""

import asyncio
import base64
import hashlib
import json
import secrets

import pytest
from Crypto.Cipher import AES

from bot.homeserver import Homeserver
from bot.participant import POLL_RESPONSE, Event, Participant, Refused
from bot.participant.keys import Keys
from bot.participant.letters import ONE_TIME_KEYS, Letters
from tests.matrix.conftest import PASSWORD, Login
from tests.matrix.peer import Peer

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


both_ways = pytest.mark.parametrize("encrypted", [False, True], ids=["open", "encrypted"])


async def shared_room(
    host: Participant, *guests: Participant, encrypted: bool = False, **options: object
) -> str:
    invited = [guest.user_id for guest in guests]
    room = await host.create_room("Austausch", encrypted=encrypted, invite=invited, **options)
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


@both_ways
async def test_what_was_said_before_waiting_is_not_lost_nor_seen_twice(
    participant: Login, encrypted: bool
) -> None:
    anna, bernd = await participant("anna"), await participant("bernd")
    room = await shared_room(anna, bernd, encrypted=encrypted)
    for text in ("eins", "zwei", "eins"):
        await anna.say(room, text)
    assert (await bernd.wait_for(lambda event: event.body == "zwei")).body == "zwei"
    assert (await bernd.wait_for(lambda event: event.body == "eins")).body == "eins"
    assert (await bernd.wait_for(lambda event: event.body == "eins")).body == "eins"
    with pytest.raises(TimeoutError, match="in vain"):
        await bernd.wait_for(lambda event: event.body == "eins", seconds=0.1)


@both_ways
async def test_replies_reactions_edits_and_redactions_arrive(
    participant: Login, encrypted: bool
) -> None:
    anna, bernd = await participant("anna"), await participant("bernd")
    room = await shared_room(anna, bernd, encrypted=encrypted)
    question = await anna.say(room, "Wann?")
    reply = await bernd.reply(room, question, "Morgen")
    edit = await bernd.edit(room, reply, "Heute")
    await bernd.react(room, question, "👍")
    await anna.redact(room, question)

    events = await anna.messages(room)
    sealed = [question, reply, edit] if encrypted else []
    assert [event.id for event in events if event.encrypted] == sealed
    seen = {event.id: event.content for event in events}
    assert seen[question] == {}
    assert seen[reply]["m.relates_to"] == {"m.in_reply_to": {"event_id": question}}
    relations = [content.get("m.relates_to", {}) for content in seen.values()]
    assert {"rel_type": "m.replace", "event_id": reply} in relations
    assert {"rel_type": "m.annotation", "event_id": question, "key": "👍"} in relations


@both_ways
async def test_a_native_poll_is_answered_and_a_vote_withdrawn(
    participant: Login, encrypted: bool
) -> None:
    anna, bernd = await participant("anna"), await participant("bernd")
    room = await shared_room(anna, bernd, encrypted=encrypted)
    poll = await anna.send(room, POLL_START, POLL)
    assert (await bernd.wait_for(lambda event: event.type == POLL_START)).id == poll

    for answers, choice in ((["b"], {"answers": ["b"]}), ([], {})):
        await bernd.vote(room, poll, answers)
        vote = await anna.wait_for(lambda event: event.type == POLL_RESPONSE)
        assert vote.sender == bernd.user_id
        assert vote.content["m.relates_to"] == {"rel_type": "m.reference", "event_id": poll}
        assert vote.content[POLL_RESPONSE] == choice


@both_ways
async def test_a_long_gap_is_read_in_order_and_completely(
    participant: Login, encrypted: bool
) -> None:
    anna, bernd = await participant("anna"), await participant("bernd")
    room = await shared_room(anna, bernd, encrypted=encrypted)
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


def clear(*events: Event) -> list[tuple[str, bool]]:
    """What can be read of the messages and of what is left of them, and how it came."""
    kinds = ("m.room.message", "m.room.encrypted")
    return [(event.body, event.encrypted) for event in events if event.type in kinds]


async def raw(reader: Participant, room: str) -> list[dict]:
    """What happened in a room, as the server has it."""
    query = {"dir": "f", "limit": "500"}
    return (await reader.call("GET", "rooms", room, "messages", query=query))["chunk"]


async def test_the_server_sees_no_text(participant: Login) -> None:
    anna, bernd = await participant("anna"), await participant("bernd")
    room = await shared_room(anna, bernd, encrypted=True)
    first = await anna.say(room, "Geheim")
    await bernd.reply(room, first, "Auch geheim")
    await bernd.react(room, first, "👍")
    said = [event for event in await raw(anna, room) if "state_key" not in event]
    kinds = ["m.room.encrypted", "m.room.encrypted", "m.reaction"]
    assert [event["type"] for event in said] == kinds
    assert "eheim" not in json.dumps(said)
    assert said[1]["content"]["m.relates_to"] == {"m.in_reply_to": {"event_id": first}}
    assert said[0]["content"].keys() == {
        "algorithm",
        "ciphertext",
        "device_id",
        "sender_key",
        "session_id",
    }
    for reader in (anna, bernd):
        expected = [("Geheim", True), ("Auch geheim", True)]
        assert clear(*await reader.messages(room)) == expected


async def test_who_comes_later_reads_from_then_on(
    participant: Login, homeserver: Homeserver
) -> None:
    """A new member and a new device alike."""
    anna, bernd, clara = [await participant(name) for name in ("anna", "bernd", "clara")]
    room = await shared_room(anna, bernd, encrypted=True)
    await anna.say(room, "eins")
    await anna.invite(room, clara.user_id)
    await anna.say(room, "zwei")
    await clara.join(room)
    async with Participant(homeserver.base_url, bernd.user_id) as mobile:
        await mobile.login(PASSWORD)
        await bernd.say(room, "drei")
        expected = [("eins", True), ("zwei", True), ("drei", True)]
        assert clear(*await bernd.messages(room)) == expected
        assert clear(*await clara.messages(room)) == [("", True), *expected[1:]]
        late = await mobile.messages(room)
        assert clear(*late) == [("", True), ("", True), expected[2]]
        unreadable = [event for event in late if event.unreadable]
        assert [event.type for event in unreadable] == 2 * ["m.room.encrypted"]


async def test_who_has_left_cannot_read_on(participant: Login) -> None:
    anna, bernd = await participant("anna"), await participant("bernd")
    room = await shared_room(anna, bernd, encrypted=True)
    for text in ("eins", "zwei"):
        await anna.say(room, text)
    await bernd.leave(room)
    await anna.say(room, "drei")
    keys = [event["content"].get("session_id") for event in await raw(anna, room)]
    first, second, third = filter(None, keys)
    assert first == second != third
    assert clear(*await anna.messages(room)) == [("eins", True), ("zwei", True), ("drei", True)]


async def put(sender: Participant, room: str, kind: str, content: dict) -> str:
    """Send an event exactly as it is."""
    path = ("rooms", room, "send", kind, secrets.token_hex(8))
    return (await sender.call("PUT", *path, body=content))["event_id"]


async def test_a_key_that_comes_late_opens_what_came_before(participant: Login) -> None:
    """But nobody is believed to have written what another one has, nor the same thing twice."""
    anna, bernd, clara = [await participant(name) for name in ("anna", "bernd", "clara")]
    room = await shared_room(anna, bernd, clara, encrypted=True)
    keys, whom = Keys(anna.user_id, "HANDMADE"), {"device_keys": {bernd.user_id: []}}
    devices = keys.devices(await anna.call("POST", "keys", "query", body=whom))
    wanted = {"one_time_keys": keys.strangers(devices)}
    keys.meet(devices, await anna.call("POST", "keys", "claim", body=wanted))
    parcel = keys.parcel(room, devices, 100)
    sealed = keys.seal(room, "m.room.message", {"body": "Geheim"})
    for sender in (anna, clara, anna):
        await put(sender, room, "m.room.encrypted", sealed)
    await put(anna, room, "m.room.encrypted", {"algorithm": "m.megolm.v1.aes-sha2"})

    assert clear(*await bernd.messages(room)) == 4 * [("", True)]
    with pytest.raises(TimeoutError, match="m.room.encrypted"):
        await bernd.wait_for(lambda event: event.body == "Geheim", seconds=0.5)
    await anna.call("PUT", "sendToDevice", "m.room.encrypted", "1", body={"messages": parcel})
    assert (await bernd.wait_for(lambda event: event.body == "Geheim")).sender == anna.user_id
    assert clear(*await bernd.messages(room)) == [("Geheim", True), *3 * [("", True)]]


async def test_encryption_is_switched_on_and_keys_change(participant: Login) -> None:
    anna, bernd = await participant("anna"), await participant("bernd")
    room = await shared_room(anna, bernd)
    await bernd.say(room, "offen")
    await anna.encrypt(room, rotation_period_msgs=2)
    await anna.say(room, "1")
    await bernd.wait_for(lambda event: event.type == "m.room.encryption")
    for number in range(2, 7):
        await bernd.say(room, str(number))
    keys = [event["content"].get("session_id") for event in await raw(anna, room)]
    assert [keys.count(key) for key in dict.fromkeys(filter(None, keys))] == [1, 2, 2, 1]
    expected = [("offen", False), *((str(number), True) for number in range(1, 7))]
    for reader in (anna, bernd):
        assert clear(*await reader.messages(room)) == expected


@pytest.mark.soak
async def test_two_devices_write_to_each_other_at_once(participant: Login) -> None:
    """More keys are waiting than one answer has, and each has begun a session with the other."""
    anna, bernd = await participant("anna"), await participant("bernd")
    room = await shared_room(anna, bernd, encrypted=True)
    await anna.encrypt(room, rotation_period_msgs=1)
    await bernd.wait_for(lambda event: event.content.get("rotation_period_msgs") == 1)
    for number in range(105):
        await asyncio.gather(anna.say(room, f"a{number}"), bernd.say(room, f"b{number}"))
    for reader in (anna, bernd):
        texts = [event.body for event in await reader.messages(room) if event.encrypted]
        assert sorted(texts) == sorted(f"{who}{n}" for who in "ab" for n in range(105))


async def test_more_people_than_one_time_keys_give_their_keys(
    participant: Login, homeserver: Homeserver
) -> None:
    anna = await participant("anna")
    room = await shared_room(anna, encrypted=True, preset="public_chat")
    for number in range(ONE_TIME_KEYS + 3):
        bernd = await participant(f"bernd-{number}")
        await bernd.join(room)
        await bernd.say(room, f"Hier bin ich, {number}.")
    said = [event.body for event in await anna.messages(room) if event.encrypted]
    assert said == [f"Hier bin ich, {number}." for number in range(ONE_TIME_KEYS + 3)]


async def test_encrypted_files_come_down_in_clear(participant: Login) -> None:
    anna, bernd = await participant("anna"), await participant("bernd")
    room = await shared_room(anna, bernd, encrypted=True)
    text, key, iv = b"BEGIN:VCALENDAR\r\n" * 5, secrets.token_bytes(32), secrets.token_bytes(8)
    data = AES.new(key, AES.MODE_CTR, nonce=iv).encrypt(text)
    digest = base64.b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")
    file = {
        "url": await anna.upload(data, "application/octet-stream", ""),
        "key": {"k": base64.urlsafe_b64encode(key).decode().rstrip("=")},
        "iv": base64.b64encode(iv + bytes(8)).decode().rstrip("="),
        "hashes": {"sha256": digest},
    }
    await anna.say(room, "Termine.ics", msgtype="m.file", file=file)
    message = await bernd.wait_for(lambda event: event.content.get("msgtype") == "m.file")
    assert await bernd.download(message.content) == text
    file["hashes"] = {"sha256": digest[::-1]}
    with pytest.raises(ValueError, match="not the file"):
        await bernd.download({"file": file})


async def test_what_elements_library_writes_is_read_and_the_other_way_round(
    participant: Login, homeserver: Homeserver
) -> None:
    anna, account = await participant("anna"), f"bernd-{secrets.token_hex(4)}"
    await homeserver.register(account, PASSWORD)
    async with Peer(homeserver.base_url, homeserver.user_id(account)) as bernd:
        await bernd.login(PASSWORD)
        room = await anna.create_room("Austausch", encrypted=True, invite=[bernd.user_id])
        await bernd.wait_for(lambda event: event.content.get("membership") == "invite")
        await bernd.join(room)
        question = await anna.say(room, "Welches Thema?")
        await bernd.wait_for(lambda event: event.body == "Welches Thema?")
        await bernd.reply(room, question, "Recht")
        answer = await anna.wait_for(lambda event: event.body == "Recht")
        assert answer.content["m.relates_to"] == {"m.in_reply_to": {"event_id": question}}
        poll_id = await anna.send(room, POLL_START, POLL)
        poll = await bernd.wait_for(lambda event: event.type == POLL_START)
        await bernd.vote(poll, ["b"])
        vote = await anna.wait_for(lambda event: event.type == POLL_RESPONSE)
        assert (vote.content[POLL_RESPONSE], vote.encrypted) == ({"answers": ["b"]}, True)
        await anna.vote(room, poll_id, ["a"])
        vote = await bernd.wait_for(
            lambda event: event.type == POLL_RESPONSE and event.sender == anna.user_id
        )
        assert (vote.relation["event_id"], vote.failure) == (poll_id, None)


async def test_a_device_with_other_keys_than_before_gets_none(participant: Login) -> None:
    """Nor one whose keys nobody has signed."""
    anna, bernd = await participant("anna"), await participant("bernd")
    path, body = ("keys", "query"), {"device_keys": {bernd.user_id: []}}
    keys, answer = Keys(anna.user_id, anna.device_id), await anna.call("POST", *path, body=body)
    device = (bernd.user_id, bernd.device_id)
    assert list(keys.devices(answer)) == [device]
    others = Letters(*device).introduction()["device_keys"]
    assert keys.devices({"device_keys": {bernd.user_id: {bernd.device_id: others}}}) == {}
    signed = answer["device_keys"][bernd.user_id][bernd.device_id]
    for forged in (signed | {"algorithms": []}, signed | {"signatures": {}}, {}):
        found = {"device_keys": {bernd.user_id: {bernd.device_id: forged}}}
        assert Keys(anna.user_id, anna.device_id).devices(found) == {}
