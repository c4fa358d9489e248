"""Made-up histories of polls: what the server logged, and what of it reached the bot, and how."""

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

from bot.intake import heard
from bot.matrix.state import Room, Rooms
from bot.matrix.sync import Reader
from bot.matrix.translate import LATEST
from storage.tally import TYPED, Heard, Rules

BOT, LEAD, MOD, CO = "@bot:x.org", "@lead:x.org", "@mod:x.org", "@co:x.org"
PEOPLE = ["@ada:x.org", "@ben:x.org", "@eva:y.org", "@gast:y.org"]
COURSE = [*PEOPLE[:3], None]
EVERYBODY = [BOT, LEAD, MOD, CO, *PEOPLE]
ROOM, POLL, OTHER = "!talk:x.org", "$poll", "$lunch"
STABLE, UNSTABLE = "m.poll.response", "org.matrix.msc3381.poll.response"
OPENS, CLOSES = 1_000_000, 2_000_000
NOW = datetime(2026, 12, 11, 12, tzinfo=UTC)
EPOCH = datetime.fromtimestamp(0, UTC)


@dataclass
class History:
    """One poll. `log` is all events in the order of the server, `typed` sender, answers and ms."""

    version: str
    levels: dict
    poll: dict
    log: list[dict] = field(default_factory=list)
    typed: list[tuple[str, list[str], int]] = field(default_factory=list)
    lost: set[str] = field(default_factory=set)
    twice: set[str] = field(default_factory=set)

    def may_redact(self, user):
        """Power levels by the specification: creators of new rooms stand above all numbers."""
        if self.version == "12" and user in (LEAD, CO):
            return True
        level = self.levels["users"].get(user, self.levels.get("users_default", 0))
        return int(level) >= int(self.levels.get("redact", 50))

    def redacted_by(self):
        """Which events the server has pruned, and by which redaction."""
        senders = {e["event_id"]: e["sender"] for e in self.log} | {POLL: BOT}
        found = {}
        for e in [e for e in self.log if e.get("redacts") in senders]:
            if self.may_redact(e["sender"]) or e["sender"] == senders[e["redacts"]]:
                found.setdefault(e["redacts"], e)
        return found

    def rules(self):
        options = [int(number) for number in self.poll["options"]]
        opens, closes = moment(self.poll["opens"]), moment(self.poll["closes"])
        return Rules(opens, closes, options, self.poll["most"], frozenset({POLL}))

    def reader(self):
        room = Room(ROOM)
        create = {"room_version": self.version, "additional_creators": [CO]}
        room.apply({"type": "m.room.create", "state_key": "", "sender": LEAD, "content": create})
        room.apply({"type": "m.room.power_levels", "state_key": "", "content": self.levels})
        client = SimpleNamespace(user_id=BOT)
        return Reader(client, None, Rooms({ROOM: room}), None, None, lambda: NOW, lambda: None)

    def heard(self):
        """What the bot knows after sync, with its gaps, and the recount: Heard in that order."""
        pruned, reader = self.redacted_by(), self.reader()
        answers = ((who, ids, ms, n) for n, (who, ids, ms) in enumerate(self.typed))
        found = [
            Heard(f"$typed{n}", TYPED, who, moment(ms), "", tuple(ids))
            for who, ids, ms, n in answers
        ]
        synced = [e for e in self.log if e["event_id"] not in self.lost and e["sender"] != BOT]
        repeated = [e for e in synced if e["event_id"] in self.twice]
        there = [e for e in self.log if e["event_id"] not in pruned and "relates" in str(e)]
        found += map(heard, reader.understood(ROOM, [*synced, *repeated, *there], NOW))
        known = {one.id for one in found} | {POLL}
        return found + [
            Heard(e["event_id"], e["type"], e["sender"], moment(0), target, power=True)
            for target, e in pruned.items()
            if target in known
        ]


def moment(ms):
    return EPOCH + timedelta(milliseconds=min(ms, LATEST))


def made(seed):
    """The history with this number. The bot closes its poll when it ends it, never later."""
    dice = random.Random(seed)
    users = {LEAD: 100, MOD: dice.choice((50, "50", 49, 0))}
    levels = {"users": users, "redact": dice.choice((50, 50, 50, 75, 0, "50"))}
    if dice.random() < 0.3:
        del levels["redact"]
    options = dice.choice((["1", "2"], ["1", "2", "3", "4"], ["1", "3", "7"]))
    most = dice.choice((1, 1, 1, 2, 3, 0, -1, "2", None))
    poll = {"id": POLL, "sender": BOT, "options": options, "most": most}
    poll |= {"opens": OPENS, "closes": dice.choice((CLOSES, CLOSES, CLOSES - 5))}
    history = History(dice.choice(("10", "11", "12")), levels, poll)
    for number in range(dice.randrange(14)):
        history.log.append(_event(dice, number, history))
    own = [e for e in history.log if e["sender"] == BOT and POLL in str(e["content"])]
    poll["closes"] = min([poll["closes"], *(e["origin_server_ts"] for e in own)])
    for _ in range(dice.choice((0, 0, 1, 3))):
        ids = dice.choice(([], options[:1], options[-1:], options[:2]))
        history.typed.append((dice.choice(PEOPLE), ids, _stamp(dice)))
    if dice.random() < 0.4:
        _lose(dice, history)
    ids = [e["event_id"] for e in history.log]
    history.twice = {name for name in ids if dice.random() < 0.1}
    return history


def _lose(dice, history):
    """A gap. It may change the order of arrival, which only matters between equal moments."""
    used = {}
    for e in history.log:
        while (e["sender"], e["origin_server_ts"]) in used:
            e["origin_server_ts"] += 1
        used[e["sender"], e["origin_server_ts"]] = e
    history.lost = {e["event_id"] for e in history.log if dice.random() < 0.5}


def _stamp(dice):
    """Mostly in time, often on the edge, now and then from a server with a strange clock."""
    edge = dice.choice((OPENS, CLOSES)) + dice.randrange(-6, 7)
    inside = dice.randrange(OPENS, CLOSES)
    return dice.choice((edge, inside, inside, OPENS + dice.randrange(4), 0, 10**15))


def _answers(dice, options):
    some = dice.sample(options, dice.randint(1, len(options)))
    strange = (None, "3", [3], {}, ["9"], [""], [some[0], *some], [*some, "9"], [None], [["1"]])
    return dice.choice((some, some, some[:1], some[:1], [], dice.choice(strange)))


def _event(dice, number, history):
    kind = dice.choices(("vote", "edit", "redact", "end", "member"), (54, 20, 13, 8, 5))[0]
    sender = dice.choice(PEOPLE if kind in ("vote", "edit") else EVERYBODY)
    event = {"event_id": f"$e{dice.randrange(100):02}x{number}", "sender": sender, "content": {}}
    event |= {"origin_server_ts": _stamp(dice), "type": "m.room.member"}
    before = [e["event_id"] for e in history.log]
    match kind:
        case "vote":
            target = dice.choice((POLL,) * 9 + (OTHER,))
            event |= _response(dice, target, "m.reference", history.poll["options"])
        case "edit":
            own = [e["event_id"] for e in history.log if e["sender"] == sender]
            target = dice.choice([*before, *own * 9, POLL])
            event |= _response(dice, target, "m.replace", history.poll["options"])
        case "end":
            event["type"] = dice.choice(("m.poll.end", "org.matrix.msc3381.poll.end"))
            event["content"] = _relation(dice.choice((POLL, POLL, OTHER)), "m.reference")
        case "redact":
            own_ends = {e["event_id"] for e in history.log if e["sender"] == BOT}
            targets = [name for name in before if name not in own_ends] or [OTHER]
            event["type"] = "m.room.redaction"
            event["redacts"] = POLL if dice.random() < 0.08 else dice.choice(targets)
            if sender == BOT:
                event["sender"] = LEAD
        case "member":
            event["state_key"] = dice.choice(PEOPLE)
            event["content"] = {"membership": dice.choice(("join", "leave", "ban"))}
    return event


def _response(dice, target, link, options):
    kind = dice.choice((STABLE, UNSTABLE, UNSTABLE))
    answers = _answers(dice, options)
    body = {"m.selections": answers} if kind == STABLE else {UNSTABLE: {"answers": answers}}
    if dice.random() < 0.15:
        body = dice.choice(({}, {UNSTABLE: {}}, {UNSTABLE: None}))
    relation = _relation(target, link)
    if link == "m.replace":
        new = dice.choice((body, body, body, None))
        return {"type": kind, "content": relation | ({"m.new_content": new} if new else body)}
    return {"type": kind, "content": relation | body}


def _relation(target, link):
    return {"m.relates_to": {"rel_type": link, "event_id": target}}
