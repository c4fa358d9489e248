"""What the demo plays on: the accounts and rooms of the course on a homeserver."""

import asyncio
import contextlib
import secrets
from dataclasses import dataclass, field

from bot.homeserver import Homeserver
from bot.participant import Json, Participant

BOT = "kursbot"
INFO, TALK, ORGA = "info", "austausch", "orga"
TITLES = {INFO: "Ankündigungen (Info)", TALK: "Austausch", ORGA: "Orga"}
KEYS = {INFO: "ankuendigungen", TALK: "austausch", ORGA: "orga"}


@dataclass
class Stage:
    """Everybody is an account name here, every direct chat goes by the account it is with."""

    homeserver: Homeserver
    course: Json
    password: str = field(default_factory=lambda: f"demo-{secrets.token_hex(3)}")
    people: dict[str, Participant] = field(default_factory=dict)
    rooms: dict[str, str] = field(default_factory=dict)

    @property
    def leaders(self) -> list[str]:
        """The accounts of the organisers; the first one creates the rooms."""
        return [str(mxid[1:].split(":")[0]) for mxid in self.course["admin"]["mxids"]]

    @property
    def names(self) -> dict[str, str]:
        """What every account is called."""
        roles = {speaker["id"]: speaker["rolle"] for speaker in self.course["referent"]}
        names = {BOT: "Kursbot"} | {leader: roles[leader] for leader in self.leaders}
        return names | {person["id"]: person["anzeige"] for person in self.course["person"]}

    @property
    def active(self) -> list[str]:
        """The participants who are in the chat already."""
        return [p["id"] for p in self.course["person"] if p["status"] == "aktiv"]

    def name(self, user_id: str) -> str:
        """What the person with this Matrix ID is called."""
        return self.names.get(user_id[1:].split(":")[0], user_id)

    def kind(self, room_id: str) -> str:
        """Which room this is: the opposite of `rooms`."""
        return next(kind for kind, room in self.rooms.items() if room == room_id)

    def alias(self, kind: str) -> str:
        """The address of a room in the course file."""
        return str(self.course["raeume"][KEYS[kind]])

    async def populate(self, people: contextlib.AsyncExitStack) -> None:
        """Register everybody, and log in those who are in the chat already."""
        names = self.names.items()
        register = self.homeserver.register
        await asyncio.gather(*(register(k, self.password, displayname=name) for k, name in names))
        for account in (*self.leaders, *self.active):
            self.people[account] = await people.enter_async_context(self.client(account))
        await asyncio.gather(*(person.login(self.password) for person in self.people.values()))

    def client(self, account: str) -> Participant:
        """Another device of an account, not logged in yet."""
        return Participant(self.homeserver.base_url, self.homeserver.user_id(account))

    async def furnish(self) -> None:
        """Create the rooms, encrypted from the beginning and with everybody invited."""
        everybody = [account for account in self.names if account != self.leaders[0]]
        await asyncio.gather(
            self._room(INFO, everybody, self._writers()),
            self._room(TALK, everybody),
            self._room(ORGA, [BOT, *self.leaders[1:]]),
        )

    async def fill(self) -> None:
        """Let everybody in the chat join, and the participants talk to the bot directly, too."""
        others = self.leaders[1:]
        entered = [self.people[a].join(self.rooms[k]) for a in others for k in TITLES]
        await asyncio.gather(*entered, *map(self._settle_in, self.active))

    def _writers(self) -> Json:
        """Only organisers and the bot write; everybody may react."""
        users = dict.fromkeys(map(self.homeserver.user_id, self.leaders[1:]), 100)
        return {
            "users": users | {self.homeserver.user_id(BOT): 50},
            "events_default": 50,
            "events": {"m.reaction": 0, "m.room.redaction": 0},
        }

    async def _room(self, kind: str, guests: list[str], levels: Json | None = None) -> None:
        self.rooms[kind] = await self.people[self.leaders[0]].create_room(
            TITLES[kind],
            encrypted=True,
            preset="private_chat",
            room_alias_name=self.alias(kind)[1:].split(":")[0],
            invite=[self.homeserver.user_id(guest) for guest in guests],
            power_level_content_override=levels or {},
        )

    async def _settle_in(self, account: str) -> None:
        person = self.people[account]
        for kind in (INFO, TALK):
            await person.join(self.rooms[kind])
        bot = self.homeserver.user_id(BOT)
        self.rooms[account] = await person.create_room(
            encrypted=True, preset="trusted_private_chat", is_direct=True, invite=[bot]
        )
        # Where clients keep which rooms are direct chats, so that Element shows it as one.
        data = ("user", person.user_id, "account_data", "m.direct")
        await person.call("PUT", *data, body={bot: [self.rooms[account]]})
