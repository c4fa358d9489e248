"""A person with Element's own library, matrix-js-sdk, in a process of its own.

A Participant tells what the server has. A Peer tells what somebody in an encrypted room can read,
and which shield stands beside it.
"""

import asyncio
import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.matrix.node import Json, Program

SCRIPT = Path(__file__).with_suffix("") / "peer.mjs"
ENCRYPTION: Json = {"algorithm": "m.megolm.v1.aes-sha2"}
DISCLOSED = "org.matrix.msc3381.poll.disclosed"


@dataclass(frozen=True)
class Event:
    """What happened in a room, as Element shows it.

    `relation` is the m.relates_to by which clients group events; an encrypted event carries it
    outside of the encryption. `failure` is js-sdk's DecryptionFailureCode. `shield` is NONE, GREY
    or RED with its `reason`; there is none beside what came unencrypted or cannot be read.
    """

    room: str
    id: str
    type: str
    sender: str
    content: Json
    state_key: str | None
    relation: Json
    encrypted: bool
    failure: str | None
    shield: str | None
    reason: str | None

    @property
    def body(self) -> str:
        """The plain text of a message, empty for anything else."""
        return str(self.content.get("body", ""))


@dataclass(frozen=True)
class Device:
    """How far a device is trusted; `verified` says that Element would call it so."""

    signed_by_owner: bool
    cross_signing_verified: bool
    verified: bool


@dataclass(frozen=True)
class Trust:
    """How far a person is trusted, and each of their devices by id.

    `needs_approval` is what Element tells as "their identity was reset".
    """

    known: bool
    verified: bool
    needs_approval: bool
    devices: Mapping[str, Device]


class Peer(Program):
    """One account on one device. Every method raises NodeError when the library says no.

    Events after `login` are kept until `wait_for` takes them. One that could not be read comes a
    second time as soon as it can.
    """

    def __init__(self, base_url: str, user_id: str) -> None:
        super().__init__(SCRIPT)
        self.user_id = user_id
        self.device_id = ""
        self._base_url = base_url

    async def login(self, password: str, *, signed: bool = True) -> None:
        """Become a new device of the account, by default signed by its owner, and listen."""
        account = {"user": self.user_id, "password": password}
        self.device_id = await self.ask("login", homeserver=self._base_url, **account)
        if signed:
            await self.sign()

    async def sign(self, *, replace: bool = False) -> None:
        """Make cross-signing keys and sign the own device; `replace` those that there are."""
        await self.ask("sign", replace=replace)

    async def keep_keys(self) -> str:
        """Put the cross-signing keys into the secret storage; returns the recovery key."""
        return str(await self.ask("keepKeys"))

    async def recover_keys(self, recovery_key: str) -> None:
        """Fetch the account's cross-signing keys with the recovery key and sign this device."""
        await self.ask("recoverKeys", recoveryKey=recovery_key)

    async def create_room(self, name: str = "", *, encrypted: bool = True, **options: Any) -> str:
        """Create a room; the options are those of createRoom: invite, is_direct, room_version …"""
        if encrypted:
            state = {"type": "m.room.encryption", "state_key": "", "content": ENCRYPTION}
            options["initial_state"] = [*options.get("initial_state", ()), state]
        return str(await self.ask("create", options={"name": name} | options))

    async def join(self, room: str) -> str:
        """Join by room id or alias; returns the room id."""
        return str(await self.ask("join", room=room))

    async def invite(self, room: str, user_id: str) -> None:
        """Invite somebody; they get the keys of what is said from now on."""
        await self.ask("invite", room=room, user=user_id)

    async def leave(self, room: str) -> None:
        """Leave a room or decline its invitation."""
        await self.ask("leave", room=room)

    async def encrypt(self, room: str, **options: int) -> None:
        """Switch encryption on; options such as rotation_period_msgs."""
        await self.ask("encrypt", room=room, content=ENCRYPTION | options)

    async def send(self, room: str, kind: str, content: Mapping[str, object]) -> str:
        """Send any event, encrypted where the room is; returns its id."""
        return str(await self.ask("send", room=room, type=kind, content=content))

    async def say(self, room: str, text: str, **content: object) -> str:
        """Write a message, with further keys for its content; returns the event id."""
        message = {"msgtype": "m.text", "body": text, "m.mentions": {}}
        return await self.send(room, "m.room.message", message | content)

    async def reply(self, room: str, event_id: str, text: str) -> str:
        """Answer a message; returns the event id of the answer."""
        relation = {"m.in_reply_to": {"event_id": event_id}}
        return await self.say(room, text, **{"m.relates_to": relation})

    async def edit(self, room: str, event_id: str, text: str) -> str:
        """Replace the text of an own message; returns the event id of the edit."""
        new = {"msgtype": "m.text", "body": text, "m.mentions": {}}
        relation = {"rel_type": "m.replace", "event_id": event_id}
        return await self.say(room, f"* {text}", **{"m.new_content": new, "m.relates_to": relation})

    async def react(self, room: str, event_id: str, key: str) -> str:
        """React with an emoji; returns the event id."""
        relation = {"rel_type": "m.annotation", "event_id": event_id, "key": key}
        return await self.send(room, "m.reaction", {"m.relates_to": relation})

    async def redact(self, room: str, event_id: str) -> str:
        """Delete a message; returns the event id of the redaction."""
        return str(await self.ask("redact", room=room, event=event_id))

    async def start_poll(
        self, room: str, question: str, answers: Sequence[str], *, choices: int = 1
    ) -> str:
        """Open a native poll as Element does; returns its event id."""
        poll = {"question": question, "answers": answers, "kind": DISCLOSED, "choices": choices}
        return str(await self.ask("startPoll", room=room, **poll))

    async def vote(self, poll: Event, answers: Sequence[str]) -> str:
        """Vote in a poll with the ids of answers; none withdraw the vote, as in Element."""
        return str(await self.ask("vote", room=poll.room, poll=poll.id, answers=answers))

    async def end_poll(self, poll: Event, text: str = "Ended a poll") -> str:
        """Close a poll; returns the event id of its end."""
        return str(await self.ask("endPoll", room=poll.room, poll=poll.id, text=text))

    async def trust(self, user_id: str) -> Trust:
        """How far this client trusts a person and their devices, as far as it knows them now."""
        answer = await self.ask("trust", user=user_id)
        devices = {name: Device(**flags) for name, flags in answer.pop("devices").items()}
        return Trust(devices=devices, **answer)

    async def exclude_insecure_devices(self, strict: bool = True) -> None:
        """Neither read nor write to devices that their owner did not sign (MSC4153)."""
        await self.ask("isolate", strict=strict)

    async def download(self, content: Mapping[str, object]) -> bytes:
        """The file of a message, decrypted and its hash compared where it is encrypted."""
        return base64.b64decode(await self.ask("download", content=content))

    async def timeline(self, room: str) -> list[Event]:
        """What this client shows of a room at this moment, oldest first; edits are applied."""
        return [Event(**event) for event in await self.ask("timeline", room=room)]

    async def logout(self, *, everywhere: bool = False) -> None:
        """End the session of this device, or those of all devices of the account."""
        await self.ask("logoutEverywhere" if everywhere else "logout")

    async def wait_for(self, predicate: Callable[[Event], bool], seconds: float = 10) -> Event:
        """Take the first event since login that fits and was not taken yet, waiting if needed.

        TimeoutError names what came instead.
        """
        try:
            async with asyncio.timeout(seconds):
                while True:
                    self.news.clear()
                    for message in self.heard:
                        if predicate(event := Event(**message["event"])):
                            self.heard.remove(message)
                            return event
                    self.check()
                    await self.news.wait()
        except TimeoutError:
            events = [Event(**message["event"]) for message in self.heard]
            seen = "\n".join(f"{e.type} {e.sender} {e.failure or e.body}" for e in events)
            raise TimeoutError(
                f"{self.user_id} waited {seconds} s in vain; unread:\n{seen}"
            ) from None
