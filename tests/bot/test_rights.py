"""Who may do what: every role in every room, however the message comes, with every verb."""

import random
import unicodedata
from dataclasses import dataclass, field, replace
from functools import wraps
from itertools import product
from types import SimpleNamespace

import pytest

import commands
from bot import parsing, rights
from bot.incoming import Attachment
from bot.matrix.state import Rooms
from bot.matrix.sync import Reader
from bot.router import NotUnderstood, Router
from commands import Reply, Undone, UserError, Wanted
from storage import standing
from storage.models import Base
from tests import databases
from tests.conftest import SAMPLE, SERVER

BOT = f"@kursbot:{SERVER}"
VERBS = {name: command for name, command in commands.discover().items() if command.admin}
ROLES = ("participant", "organiser", "outside", "other", "former", "stranger", "speaker")
PLACES = ("ankuendigungen", "austausch", "orga", "orga-2", "direct", "fremd")
ORIGINS = ("new", "sealed", "open", "edit", "reply", "old reply", "thread", "forward", "caption")
ORIGINS += ("notice",)
ACCOUNTS = {"participant": "tn02", "organiser": "leitung-ihk", "outside": "leitung-stiftung"}
HEARD = {"new", "sealed"}
"""The origins that count; the first in a room without encryption, the second in one with it."""


def room_of(place, role):
    return f"!{place}{role if place == 'direct' else ''}:{SERVER}"


def who(role):
    return f"@{ACCOUNTS.get(role, role)}:{SERVER}"


def state(room, members, encrypted):
    """A room as the server shows it."""

    def event(kind, key, content):
        return {"type": kind, "state_key": key, "sender": BOT, "content": content}

    events = [event("m.room.create", "", {"room_version": "11"})]
    if encrypted:
        events.append(event("m.room.encryption", "", {"algorithm": "m.megolm.v1.aes-sha2"}))
    events += [event("m.room.member", m, {"membership": "join"}) for m in (BOT, *members)]
    return {room: {"state": {"events": events}}}


INSIDE = {
    "ankuendigungen": ("participant", "organiser", "outside", "former"),
    "austausch": ("participant", "organiser", "outside", "former"),
    "orga": ("organiser", "former", "speaker"),
    "orga-2": ("other",),
    "fremd": ROLES,
}


def reader(router, encrypted):
    """What stands between the server and the router; only the server and its keys are made up."""
    rooms = Rooms()
    joined = {}
    for place, roles in INSIDE.items():
        joined |= state(room_of(place, ""), map(who, (*roles, "quiet")), encrypted)
    for role in ROLES:
        joined |= state(room_of("direct", role), [who(role)], encrypted)
    rooms.update({"rooms": {"join": joined}})
    router.shared = rooms.shared_with
    keys = SimpleNamespace(unseal=lambda _, event: {**event, **event["content"]["clear"]})
    client = SimpleNamespace(user_id=BOT)
    return Reader(client, keys, rooms, None, SimpleNamespace(router=router), None, None)


def event(line, origin, number=0):
    """A message with this line as clients send it."""
    content = {"msgtype": "m.text", "body": line, "m.mentions": {}}
    about = {"event_id": "$anderes", "rel_type": "m.thread", "is_falling_back": True}
    answer = {"m.in_reply_to": {"event_id": "$anderes"}}
    quote = f"> <{who('organiser')}> {line}\n\n{line}"
    changes = {
        "edit": {
            "body": f"* {line}",
            "m.new_content": {**content},
            "m.relates_to": {"rel_type": "m.replace", "event_id": f"$alt{number}"},
        },
        "reply": {"m.relates_to": answer},
        "old reply": {"body": quote},
        "thread": {"m.relates_to": about | answer},
        "forward": {"m.forwarded": {"sender": who("organiser"), "event_id": "$anderes"}},
        "caption": {"msgtype": "m.image", "filename": "bild.png", "url": "mxc://x/y"},
        "notice": {"msgtype": "m.notice"},
    }
    content |= changes.get(origin, {})
    if origin == "sealed":
        clear = {"type": "m.room.message", "content": content}
        return {"type": "m.room.encrypted", "content": {"clear": clear}}
    return {"type": "m.room.message", "content": content}


def expected(role, place, origin):
    """What is said to somebody who types an organisers' command there; "" is nothing."""
    if origin == "notice" or place == "fremd":
        return ""
    if place == "direct":
        known = role in ("participant", "organiser", "outside", "other")
        said = rights.ORGANISERS_ONLY if origin != "caption" else "Ich kann leider nur Text lesen."
        return said if known else ""
    if origin == "caption":
        return ""
    if (role, place) not in (("organiser", "orga"), ("other", "orga-2")):
        return rights.ORGANISERS_ONLY
    if origin in HEARD:
        return "runs"
    return rights.SEALED_ONLY if origin == "open" else rights.NEW_ONLY


@dataclass
class Bench:
    """Two courses, and the way from the server to a command, which is `ran` then."""

    chat: object
    ran: list = field(default_factory=list)

    def __post_init__(self):
        watched = {n: replace(c, run=self.watched(c)) for n, c in commands.discover().items()}
        router = Router(watched, ["Kursbot", BOT])
        self.router = router
        self.plain, self.encrypted = reader(router, False), reader(router, True)

    def watched(self, command):
        @wraps(command.run)
        async def run(ctx, *words):
            self.ran.append(command.name)
            return await command.run(ctx, *words)

        return run

    async def hears(self, db, role, place, origin, line):
        """What is said, if it is said instead of running a command; "runs" if one did."""
        number = next(self.chat.ids)
        facts = {"event_id": f"$e{number}", "sender": who(role), "origin_server_ts": 0}
        source = self.encrypted if origin in ("sealed", "open") else self.plain
        raw = facts | event(line, origin, number)
        for message in source.understood(room_of(place, role), [raw], self.chat.now):
            message = message.typed if isinstance(message, Attachment) else message
            message = replace(message, backlog=False, sent=self.chat.now)
            if not self.router.concerns(message):
                continue
            try:
                await self.router.handle(db, message)
            except UserError as error:
                return str(error)
            except (Undone, Wanted):
                return "runs"
            except NotUnderstood as unclear:
                answer = unclear.answer
                return answer.text if isinstance(answer, Reply) else str(answer)
        return "runs" if self.ran else ""


@pytest.fixture
async def bench(chat, tmp_path):
    chat.folder = tmp_path
    await chat.loads()
    text = SAMPLE.read_text("utf-8").replace("nk-2026-2", "nk-2027-1").replace("@tn", "@xy")
    text = text.replace("leitung-ihk:", "other:").replace("leitung-stiftung:", "leitung-3:")
    course, room = chat.course, chat.room
    chat.room = lambda place, by="": room(f"{place}-2", by)
    await chat.imports(text.replace("#nk-alumni", "#nk-alumni-2").encode())
    chat.course, chat.room = course, room
    return Bench(chat)


def dump(chat):
    """All that is kept, but for what was seen and the welcome to strangers."""
    shown = {name: "TRUE" for name in Base.metadata.tables if name != "inbox"}
    shown["outbox"] = "cause NOT LIKE 'unbekannt/%'"
    file = databases.of(chat.folder / "kursbot.db")
    return {
        name: databases.query(file, f"SELECT * FROM {name} WHERE {which} ORDER BY 1, 2")
        for name, which in shown.items()
    }


def spelled(command, words):
    """How to call it so that nobody can think of a participants' command; "" if there is no way."""
    for word in (command.name, *command.aliases):
        meant = [parsing.recognise(f"!{word}", words, direct=direct) for direct in (True, False)]
        if all(isinstance(call, parsing.Call) and call.command == command.name for call in meant):
            return f"!{word}"
    return ""


async def test_every_role_in_every_room_with_every_verb_however_it_comes(bench):
    """More than 10,000 cells. What is refused says why, runs nothing and changes nothing."""
    lines = {name: spelled(command, bench.router.vocabulary) for name, command in VERBS.items()}
    before, wrong, cells = dump(bench.chat), [], 0
    async with bench.chat.sessions.begin() as db:
        for role, place, origin in product(ROLES, PLACES, ORIGINS):
            wanted = expected(role, place, origin)
            theirs = wanted == rights.ORGANISERS_ONLY  # some words mean participants' commands
            for name, line in lines.items():
                cells += 1
                if wanted != "runs" and (line or not theirs):
                    said = await bench.hears(db, role, place, origin, line or f"!{name}")
                    if bench.ran or (not said.startswith(wanted) if wanted else said):
                        wrong.append((role, place, origin, name, said))
                    bench.ran.clear()
    assert wrong == []
    assert dump(bench.chat) == before
    assert cells > 9_000


async def test_organisers_words_are_theirs_in_their_room_alone(bench):
    """Where a word means something to participants, too, it means that everywhere else."""
    async with bench.chat.sessions.begin() as db:
        for name, command in VERBS.items():
            line = command.example or f"!{name}"
            for role, place, origin in product(("organiser", "other"), PLACES, ("new", "sealed")):
                if origin == "new" or place == "orga":
                    await bench.hears(db, role, place, origin, line)
                    runs = expected(role, place, origin) == "runs"
                    assert (name in bench.ran) is runs, (name, role, place, origin)
                    assert runs or not VERBS.keys() & {*bench.ran}
                    bench.ran.clear()


TWINS = {"e": "е", "i": "і", "a": "а", "o": "ο", "n": "п", "l": "1", "t": "т", "h": "һ", "k": "κ"}


def alike(seed):
    """An id that looks like that of an organiser, or would after some kind of tidying up."""
    dice = random.Random(seed)
    local, _, server = who(dice.choice(("organiser", "outside")))[1:].partition(":")
    for _ in range(dice.randrange(1, 4)):
        at = dice.randrange(len(local))
        letter, mark = local[at], chr(dice.randrange(0x300, 0x370))
        hidden = dice.choice("\u200b\u200d\u2060\u00ad\ufe0f\u202e\x00 \n\t")
        instead = (
            *(TWINS.get(letter, letter.upper()), letter.upper(), letter * 2, "", letter + hidden),
            *(
                letter + mark,
                f"%{ord(letter):02x}",
                dice.choice("_-.=/+x") + letter,
                hidden + letter,
            ),
            *(chr(ord(letter) + 0xFEE0), letter + str(seed % 1_000)),
        )
        local = local[:at] + dice.choice(instead) + local[at + 1 :]
    domains = (
        server,
        f"{server}:{seed % 65_536}",
        server.upper(),
        f"{server}.",
        f"x{server}",
        "x.y",
    )
    form = dice.choice(("NFC", "NFD", "NFKD", "NFKC"))
    whole = f"{dice.choice('@@@@@@ !')}{local}:{dice.choice(domains)}"
    return dice.choice((whole, unicodedata.normalize(form, whole), f"@name{seed}:{server}"))


async def test_of_ten_thousand_that_look_like_organisers_none_is(bench):
    """All in the organisers' room, all called as an organiser there and in what they write."""
    copies = sorted({alike(seed) for seed in range(14_000)} - {who("organiser"), who("outside")})
    assert len(copies) >= 10_000
    orga, accepted = room_of("orga", ""), []
    async with bench.chat.sessions() as db:
        for number, mxid in enumerate((*copies, who("organiser"))):
            raw = {"event_id": f"$n{number}", "sender": mxid} | event("!status", "new")
            raw["content"] |= {"displayname": who("organiser"), "sender": who("organiser")}
            for said in bench.plain.understood(orga, [raw], bench.chat.now):
                place = await standing.in_room(db, orga, said.sender)
                place = rights.led(place, orga, [orga])
                if rights.obstacle(said, place) is None:
                    accepted.append(mxid)
    assert accepted == [who("organiser")]
