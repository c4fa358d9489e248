"""Give out keys, take in keys, and turn content into ciphertext and back.

The machine knows how; this is when, and how it gets to the server and from there.
"""

import asyncio
import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.matrix.client import Client
from bot.matrix.machine import SIGNED, Device, Machine
from bot.matrix.state import Room
from bot.matrix.translate import entries, part
from bot.obstacles import Away, Broken, Forbidden, Rejected, Unreachable

log = logging.getLogger(__name__)

Json = dict[str, Any]

LATER = 300.0
"""Seconds until somebody whose keys could not be had is asked for again."""

FALLBACK = (
    "device_unused_fallback_key_types",
    "org.matrix.msc2732.device_unused_fallback_key_types",
)


class KeysLost(Exception):
    """The server has other keys for this device than we have: nobody can write to it any more."""


@dataclass
class Encryption:
    """The device of the bot among the devices of the people."""

    client: Client
    machine: Machine
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _later: dict[str | Device, float] = field(default_factory=dict)
    _fallback_used: bool = False

    async def close(self) -> None:
        """Let go of the keys and of the account."""
        self.machine.close()
        await self.client.close()

    async def start(self) -> None:
        """Make sure that the server has our keys, and no other ones. Raises `KeysLost`."""
        user, device = self.client.user_id, self.machine.device_id
        answer = await self.client.call("POST", "keys", "query", body={"device_keys": {user: []}})
        theirs = part(answer, "device_keys", user, device, "keys").get(f"ed25519:{device}")
        if theirs not in (None, self.machine.fingerprint):
            raise KeysLost
        self.machine.account.shared = theirs is not None
        if theirs is None:
            self._fallback_used = True
            await self._upload()

    # What comes in

    def receive(self, batch: Json) -> bool:
        """Take the keys out of an answer to /sync; whether there were any."""
        counts = part(batch, "device_one_time_keys_count")
        if "device_one_time_keys_count" in batch:
            self.machine.uploaded_key_count = _count(counts.get(SIGNED))
        for key in FALLBACK:
            if isinstance(batch.get(key), list):
                self._fallback_used = SIGNED not in batch[key]
        changed = part(batch, "device_lists").get("changed")
        if isinstance(changed, list):
            names = {user for user in changed if isinstance(user, str)}
            self.machine.users_for_key_query |= names & self.machine.tracked_users
        messages = entries(part(batch, "to_device"), "events")
        if not messages:
            return False
        self.machine.age()
        with self.machine.saving():
            for message in messages:
                self._learn(message)
        return True

    def _learn(self, message: Json) -> None:
        """One to-device message; anybody on any server may send one, however malformed."""
        if message.get("type") != "m.room.encrypted":
            return
        try:
            self.machine.learn_key(message)
        except Exception as error:
            log.warning("cannot read a to-device message: %s", type(error).__name__)

    def unseal(self, room_id: str, event: Mapping[str, Any]) -> Json:
        """The event in clear; `EncryptionError` while its key is missing, ValueError if broken."""
        return self.machine.unseal(room_id, event)

    # What goes out

    async def tend(self) -> None:
        """Everything that is due between two answers to /sync; trouble is left for the next time.

        Raises `KeysLost`.
        """
        for chore in (self._upload, self._query, self._repair):
            try:
                await chore()
            except Away:
                return
            except (Unreachable, Broken, Forbidden, Rejected) as error:
                log.warning("cannot exchange keys: %s", error)

    async def seal(self, room: Room, kind: str, content: Json) -> Json:
        """The content encrypted for everybody in the room.

        Raises `Unreachable` as long as the server does not let us give them the key.
        """
        async with self._turn:
            try:
                await self._share(room)
            except (Broken, Forbidden, Rejected) as error:
                raise Unreachable(f"keys: {error}") from error
            return self.machine.seal(room.room_id, kind, content)

    async def _share(self, room: Room) -> None:
        """Give the room's key to all devices that lack it, as far as they can be reached."""
        users = room.audience
        self.machine.users_for_key_query |= users - self.machine.tracked_users
        if users & self.machine.users_for_key_query:
            await self._query()
        await self._claim(self._strangers(users))
        devices = self.machine.devices(users)
        session = self.machine.room_session(room.room_id, {*devices}, room.encryption or {})
        if devices.keys() - session.users_shared_with:
            self.machine.age()
            for given, messages in self.machine.parcels(room.room_id, users):
                await self._to_device(messages)
                session.users_shared_with |= given
        session.shared = True

    def _strangers(self, users: set[str]) -> list[Device]:
        """Devices that we have no Olm session with, and may ask for."""
        machine = self.machine
        return [
            name
            for name, device in machine.devices(users).items()
            if not machine.session_store.get(device.curve25519) and self._may_ask(name)
        ]

    def _may_ask(self, whom: str | Device) -> bool:
        return asyncio.get_running_loop().time() >= self._later.get(whom, 0.0)

    def _ask_later(self, whom: str | Device) -> None:
        self._later[whom] = asyncio.get_running_loop().time() + LATER

    # The requests

    async def _upload(self) -> None:
        keys = self.machine.fresh_keys(self._fallback_used)
        if not keys:
            return
        try:
            answer = await self.client.call("POST", "keys", "upload", body=keys)
        except Rejected as error:
            raise KeysLost from error
        self._fallback_used = False
        self.machine.published(_count(part(answer, "one_time_key_counts").get(SIGNED)))

    async def _query(self) -> None:
        """Learn the devices of everybody whose devices have changed or are unknown."""
        wanted = [user for user in self.machine.users_for_key_query if self._may_ask(user)]
        if not wanted:
            return
        body = {"device_keys": {user: [] for user in wanted}, "timeout": 10_000}
        answer = await self.client.call("POST", "keys", "query", body=body)
        found = part(answer, "device_keys")
        with self.machine.saving():
            for user in wanted:
                if user in found:
                    self._learn_devices(user, part(found, user))
                else:
                    self._ask_later(user)

    def _learn_devices(self, user: str, devices: Json) -> None:
        try:
            self.machine.learn_devices(user, devices)
        except Exception as error:
            log.warning("cannot read the devices of %s: %s", user, type(error).__name__)

    async def _claim(self, devices: list[Device]) -> None:
        """Begin Olm sessions with devices; those that have no keys are asked again later."""
        if not devices:
            return
        wanted: dict[str, dict[str, str]] = {}
        for user, device in devices:
            wanted.setdefault(user, {})[device] = SIGNED
            self._ask_later((user, device))
        body = {"one_time_keys": wanted, "timeout": 10_000}
        answer = await self.client.call("POST", "keys", "claim", body=body)
        found = part(answer, "one_time_keys")
        with self.machine.saving():
            for user, device in devices:
                self._meet(user, device, part(found, user, device))

    def _meet(self, user: str, device: str, keys: Json) -> None:
        try:
            self.machine.meet(user, device, keys)
        except Exception as error:
            log.warning("cannot use a key of %s: %s", user, type(error).__name__)

    async def _repair(self) -> None:
        """Begin anew with devices whose messages cannot be read, and tell them so."""
        broken = [(d.user_id, d.device_id) for d in self.machine.wedged_devices]
        await self._claim([device for device in broken if self._may_ask(device)])
        self.machine.wedged_devices.clear()
        while self.machine.outgoing_to_device_messages:
            message = self.machine.outgoing_to_device_messages[0]
            await self._to_device(message.as_dict())
            self.machine.outgoing_to_device_messages.pop(0)

    async def _to_device(self, messages: Json) -> None:
        path = ("sendToDevice", "m.room.encrypted", f"kursbot-{secrets.token_hex(8)}")
        await self.client.call("PUT", *path, body=messages)


def _count(value: object) -> int:
    """How many keys; a server that owes us some would have us make as many more."""
    return max(value, 0) if isinstance(value, int) else 0
