"""Two people with Element's library understand each other, and know whom not to trust."""

import base64
import contextlib
import hashlib
import json
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from Crypto.Cipher import AES

from bot.homeserver import Homeserver
from tests.matrix import node
from tests.matrix.conftest import PASSWORD, Login
from tests.matrix.node import NodeError
from tests.matrix.peer import Device, Peer, Trust
from tests.matrix.service import eventually

POLL_START = "org.matrix.msc3381.poll.start"
POLL_RESPONSE = "org.matrix.msc3381.poll.response"
POLL_END = "org.matrix.msc3381.poll.end"
TEXT = "org.matrix.msc1767.text"
PeerLogin = Callable[..., Awaitable[Peer]]


@pytest.fixture
async def peer(homeserver: Homeserver) -> AsyncIterator[PeerLogin]:
    """`await peer("anna")` is a new person with a signed device; `signed=False` leaves it bare.

    `account=` names one that there is, for a further device of it.
    """
    async with contextlib.AsyncExitStack() as people:

        async def login(name: str, *, signed: bool = True, account: str = "") -> Peer:
            if not account:
                local = f"{name}-{secrets.token_hex(4)}"
                await homeserver.register(local, PASSWORD, displayname=name)
                account = homeserver.user_id(local)
            person = await people.enter_async_context(Peer(homeserver.base_url, account))
            await person.login(PASSWORD, signed=signed)
            return person

        yield login


async def encrypted_room(host: Peer, *guests: Peer) -> str:
    room = await host.create_room("Austausch", invite=[guest.user_id for guest in guests])
    for guest in guests:
        await guest.wait_for(lambda event: event.content.get("membership") == "invite")
        await guest.join(room)
    return room


async def test_signed_people_read_each_other_without_a_shield(peer: PeerLogin) -> None:
    anna, bernd = await peer("anna"), await peer("bernd")
    room = await encrypted_room(anna, bernd)
    event_id = await anna.say(room, "Hallo Bernd! 👋")
    greeting = await bernd.wait_for(lambda event: event.body == "Hallo Bernd! 👋")
    assert (greeting.id, greeting.sender, greeting.room) == (event_id, anna.user_id, room)
    assert greeting.content == {"msgtype": "m.text", "body": "Hallo Bernd! 👋", "m.mentions": {}}
    assert (greeting.encrypted, greeting.failure) == (True, None)
    assert (greeting.shield, greeting.reason) == ("NONE", None)

    device = Device(signed_by_owner=True, cross_signing_verified=False, verified=False)
    assert await bernd.trust(anna.user_id) == Trust(
        known=True, verified=False, needs_approval=False, devices={anna.device_id: device}
    )
    assert (await anna.trust(anna.user_id)).devices[anna.device_id].verified


async def test_a_poll_is_voted_in_and_ended(peer: PeerLogin) -> None:
    anna, bernd = await peer("anna"), await peer("bernd")
    room = await encrypted_room(anna, bernd)
    poll_id = await anna.start_poll(room, "Welches Thema?", ["Recht", "Förderung"])
    poll = await bernd.wait_for(lambda event: event.type == POLL_START)
    options = {option[TEXT]: option["id"] for option in poll.content[POLL_START]["answers"]}
    assert (poll.id, poll.encrypted, list(options)) == (poll_id, True, ["Recht", "Förderung"])

    for answers, choice in (([options["Recht"]], {"answers": [options["Recht"]]}), ([], {})):
        vote_id = await bernd.vote(poll, answers)
        vote = await anna.wait_for(lambda event: event.type == POLL_RESPONSE)
        assert (vote.id, vote.sender, vote.encrypted) == (vote_id, bernd.user_id, True)
        assert vote.content[POLL_RESPONSE] == choice
        assert vote.relation == {"rel_type": "m.reference", "event_id": poll_id}

    await anna.end_poll(poll, "Recht gewinnt")
    end = await bernd.wait_for(lambda event: event.type == POLL_END)
    assert (end.content[TEXT], end.relation["event_id"]) == ("Recht gewinnt", poll_id)


async def test_an_unsigned_device_has_a_red_shield(peer: PeerLogin) -> None:
    anna, bare = await peer("anna"), await peer("carla", signed=False)
    room = await encrypted_room(anna, bare)
    await bare.say(room, "Bin ich echt?")
    doubtful = await anna.wait_for(lambda event: event.body == "Bin ich echt?")
    assert (doubtful.shield, doubtful.reason) == ("RED", "UNSIGNED_DEVICE")
    device = Device(signed_by_owner=False, cross_signing_verified=False, verified=False)
    assert (await anna.trust(bare.user_id)).devices == {bare.device_id: device}

    await bare.sign()

    async def signed() -> bool:
        return (await anna.trust(bare.user_id)).devices[bare.device_id].signed_by_owner

    await eventually(signed, 10)
    await bare.say(room, "Jetzt ja!")
    honest = await anna.wait_for(lambda event: event.body == "Jetzt ja!")
    assert (honest.shield, honest.reason) == ("NONE", None)


async def test_the_strict_mode_excludes_unsigned_devices_both_ways(peer: PeerLogin) -> None:
    anna, bernd = await peer("anna"), await peer("bernd")
    bare = await peer("carla", signed=False)
    room = await encrypted_room(anna, bernd, bare)
    await anna.exclude_insecure_devices()
    await bare.say(room, "Liest das jemand?")
    refused = await anna.wait_for(lambda event: event.sender == bare.user_id and event.encrypted)
    assert (refused.failure, refused.shield) == ("UNSIGNED_SENDER_DEVICE", None)
    assert (await bernd.wait_for(lambda event: event.body == "Liest das jemand?")).shield == "RED"

    secret_id = await anna.say(room, "Nur für Unterschriebene")
    secret = await bernd.wait_for(lambda event: event.id == secret_id)
    assert (secret.body, secret.shield) == ("Nur für Unterschriebene", "NONE")
    withheld = await bare.wait_for(lambda event: event.id == secret_id)
    assert withheld.failure == "MEGOLM_KEY_WITHHELD_FOR_UNVERIFIED_DEVICE"

    await anna.exclude_insecure_devices(False)
    open_id = await anna.say(room, "Für alle")
    assert (await bare.wait_for(lambda event: event.id == open_id)).body == "Für alle"


async def test_a_second_device_is_signed_with_the_recovery_key(peer: PeerLogin) -> None:
    anna, bernd = await peer("anna"), await peer("bernd")
    recovery_key = await anna.keep_keys()
    phone = await peer("anna", signed=False, account=anna.user_id)
    with pytest.raises(NodeError, match="Incorrect parity"):
        await phone.recover_keys(recovery_key[:-4] + "abcd")
    await phone.recover_keys(recovery_key)
    room = await encrypted_room(bernd, phone)
    await phone.say(room, "Vom Telefon")
    message = await bernd.wait_for(lambda event: event.body == "Vom Telefon")
    assert (message.shield, message.reason) == ("NONE", None)

    await anna.sign(replace=True)

    async def suspicious() -> bool:
        return (await bernd.trust(anna.user_id)).needs_approval

    await eventually(suspicious, 10)


async def test_edits_replies_reactions_and_redactions_are_shown(peer: PeerLogin) -> None:
    anna, bernd = await peer("anna"), await peer("bernd")
    room = await encrypted_room(anna, bernd)
    question = await anna.say(room, "Wann gehts los?")
    slip = await anna.say(room, "verschrieben")
    await anna.edit(room, question, "Wann geht es los?")
    await anna.redact(room, slip)
    answer = await bernd.reply(room, question, "Um 18 Uhr")
    reaction = await bernd.react(room, question, "👍")
    await bernd.wait_for(lambda event: event.id == reaction)

    shown = {event.id: event for event in await bernd.timeline(room)}
    assert shown[question].body == "Wann geht es los?"
    assert shown[slip].content == {}
    assert shown[answer].relation == {"m.in_reply_to": {"event_id": question}}
    assert (shown[reaction].encrypted, shown[reaction].relation["key"]) == (False, "👍")


async def test_encryption_is_switched_on_in_a_plain_room(peer: PeerLogin) -> None:
    anna, bernd = await peer("anna"), await peer("bernd")
    room = await anna.create_room(encrypted=False, room_version="11", is_direct=True)
    await anna.invite(room, bernd.user_id)
    await bernd.wait_for(lambda event: event.content.get("membership") == "invite")
    await bernd.join(room)
    await anna.say(room, "offen")
    assert not (await bernd.wait_for(lambda event: event.body == "offen")).encrypted
    await anna.encrypt(room)
    await anna.say(room, "geheim")
    assert (await bernd.wait_for(lambda event: event.body == "geheim")).encrypted
    await bernd.leave(room)
    gone = await anna.wait_for(lambda event: event.content.get("membership") == "leave")
    assert gone.state_key == bernd.user_id


async def test_files_are_decrypted_and_false_ones_refused(
    peer: PeerLogin, participant: Login
) -> None:
    key, iv, text = secrets.token_bytes(32), secrets.token_bytes(8) + bytes(8), b"Folien" * 30_000
    sealed = AES.new(key, AES.MODE_CTR, nonce=iv[:8], initial_value=0).encrypt(text)
    bernd, anna = await participant("bernd"), await peer("anna")
    file = {
        "v": "v2",
        "url": await bernd.upload(sealed, "application/octet-stream", "folien"),
        "key": {
            **{"kty": "oct", "alg": "A256CTR", "ext": True, "key_ops": ["encrypt", "decrypt"]},
            "k": base64.urlsafe_b64encode(key).decode().rstrip("="),
        },
        "iv": base64.b64encode(iv).decode().rstrip("="),
        "hashes": {"sha256": base64.b64encode(hashlib.sha256(sealed).digest()).decode()},
    }
    assert await anna.download({"file": file}) == text
    assert await anna.download({"url": file["url"]}) == sealed
    with pytest.raises(NodeError, match="sha256 differs"):
        await anna.download({"file": file | {"hashes": {"sha256": "AAAA"}}})


async def test_mistakes_are_answers_and_the_end_is_noticed(peer: PeerLogin) -> None:
    anna = await peer("anna")
    with pytest.raises(NodeError, match=r"M_UNKNOWN.*\[404\]"):
        await anna.join("!nirgends:localhost")
    with pytest.raises(NodeError, match="TypeError"):
        await anna.ask("dance")
    with pytest.raises(TimeoutError, match="waited 0.1 s in vain"):
        await anna.wait_for(lambda event: event.body == "nie", seconds=0.1)
    await anna.logout()
    anna.kill()
    with pytest.raises(NodeError, match="the process ended"):
        await anna.wait_for(lambda event: event.body == "nie")
    with pytest.raises(NodeError, match="the process ended"):
        await anna.logout()


def test_an_unreachable_registry_is_told_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = json.loads((Path(node.__file__).with_name("peer") / "package-lock.json").read_bytes())
    for name in ("package.json", "package-lock.json"):
        (tmp_path / name).write_text(json.dumps(lock["packages"][""] | lock))
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:1")
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "cache"))
    with pytest.raises(NodeError, match=r"npm kann die Pakete nicht holen: .*ECONNREFUSED.*"):
        node.install(tmp_path)
    assert not (tmp_path / "node_modules" / "kursbot.stamp").exists()
