"""From raw events to messages and votes: everything in `content` is data of unknown shape."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any
from urllib.parse import quote, unquote

from bot.incoming import Attachment, Emoji, Message, NativeVote, PollEnd, Retraction
from bot.matrix import attachments
from storage.tally import ENDS, REDACTION, VOTES

MEDIA = ("m.audio", "m.image", "m.video", "m.file")

MOST_ANSWERS = 100
"""More than any poll allows for; of those behind them it only matters which there are."""

LONGEST_NAME = 200
"""Characters of the name of a file."""

LONGEST_KEY = 40
"""Characters of a reaction; an emoji of several people has about ten."""

MOST_PILLS = 20
"""As many links to people are looked at in a message."""

_LINK = re.compile(r"""href=["']https://matrix\.to/#/([^"'?]+)""", re.I)

EPOCH = datetime.fromtimestamp(0, UTC)
LATEST = 250_000_000_000_000
"""Milliseconds after the epoch, in the year 9892: Python knows no year 10000."""

Event = Mapping[str, Any]
Translated = Message | Attachment | Emoji | NativeVote | PollEnd | Retraction


def translate(
    event: Event, *, room_id: str, bot: str, direct: bool, now: datetime
) -> Translated | None:
    """The event as the bot understands it; None when it is nothing for the bot.

    Notices come from other bots and are never answered (specification: m.notice).
    """
    event_id, sender, kind = (_text(event, key) for key in ("event_id", "sender", "type"))
    content = part(event, "content")
    if not event_id or not sender or sender == bot or "state_key" in event:
        return None
    if kind in VOTES:
        return _vote(event, content, room_id, now)
    if kind in ENDS:
        return _end(event, content, room_id, now)
    if kind == REDACTION:
        return _retraction(event, content, room_id, now)
    if kind == "m.reaction":
        return _emoji(event, content, room_id, direct, now)
    media = kind == "m.sticker" or _text(content, "msgtype") in MEDIA
    file = _attachment(event, content, room_id, now) if media else None
    if file is not None:
        return replace(file, direct=direct)
    if kind not in ("m.room.message", "m.sticker") or not (
        media or _text(content, "msgtype") in ("m.text", "m.emote")
    ):
        return None
    relation = part(content, "m.relates_to")
    edited = relation.get("rel_type") == "m.replace"
    newest = part(content, "m.new_content") if edited else content
    return Message(
        event_id=event_id,
        room_id=room_id,
        sender=sender,
        body=_text(newest, "body"),
        sent=sent(event, now),
        now=now,
        direct=direct,
        media=media,
        mentioned=_pill(newest, bot),
        replaces=_text(relation, "event_id") or None if edited else None,
        answers=_text(part(relation, "m.in_reply_to"), "event_id") or None,
        plain=_plain(content),
        pills=_pills(newest, bot),
    )


def _plain(content: Event) -> bool:
    """Whether it is a text of its own; clients that mark what is passed on follow MSC2723."""
    passed_on = any("forward" in key for key in content)
    related = bool(content.get("m.relates_to")) or "m.new_content" in content
    return content.get("msgtype") == "m.text" and not (related or passed_on)


def _attachment(event: Event, content: Event, room_id: str, now: datetime) -> Attachment | None:
    """A new file that can be fetched; its body may be a text that goes with it."""
    source = attachments.source(content)
    if source is None or part(content, "m.relates_to").get("rel_type") == "m.replace":
        return None
    name = _text(content, "filename") or _text(content, "body")
    return Attachment(
        str(event["event_id"]),
        room_id,
        str(event["sender"]),
        name[:LONGEST_NAME],
        source,
        sent(event, now),
        now,
    )


def _emoji(event: Event, content: Event, room_id: str, direct: bool, now: datetime) -> Emoji | None:
    """A reaction; the key may be any text."""
    relation = part(content, "m.relates_to")
    target, key = _text(relation, "event_id"), _text(relation, "key")[:LONGEST_KEY]
    if relation.get("rel_type") != "m.annotation" or not (target and key):
        return None
    name, sender = str(event["event_id"]), str(event["sender"])
    return Emoji(name, room_id, sender, target, key, sent(event, now), now, direct)


def _vote(event: Event, content: Event, room_id: str, now: datetime) -> NativeVote | None:
    """An answer to a poll in the unstable or the stable form (MSC3381), or an edit of one.

    Clients withdraw a vote by leaving the answers out.
    """
    relation = part(content, "m.relates_to")
    about, link = _text(relation, "event_id"), relation.get("rel_type")
    edit = link == "m.replace" and isinstance(content.get("m.new_content"), dict)
    if not about or not (edit or link == "m.reference"):
        return None
    newest = part(content, "m.new_content") if edit else content
    old = event["type"] == VOTES[0]
    answers = part(newest, VOTES[0]).get("answers") if old else newest.get("m.selections")
    chosen = [a if isinstance(a, str) else "" for a in answers] if isinstance(answers, list) else []
    behind = dict.fromkeys(chosen[MOST_ANSWERS:])
    return NativeVote(
        event_id=str(event["event_id"]),
        room_id=room_id,
        sender=str(event["sender"]),
        poll_event=about,
        choices=(*chosen[:MOST_ANSWERS], *[*behind][:MOST_ANSWERS]),
        sent=stamped(event, now),
        now=now,
        type=str(event["type"]),
        edit=edit,
    )


def _end(event: Event, content: Event, room_id: str, now: datetime) -> PollEnd | None:
    """The end of a poll; whether its sender may end it is for others to say."""
    relation = part(content, "m.relates_to")
    poll = _text(relation, "event_id")
    if relation.get("rel_type") != "m.reference" or not poll:
        return None
    name, sender = str(event["event_id"]), str(event["sender"])
    return PollEnd(name, room_id, sender, poll, stamped(event, now), now)


def _retraction(event: Event, content: Event, room_id: str, now: datetime) -> Retraction | None:
    """What is deleted stands in the content since room version 11, beside it before."""
    target = _text(event, "redacts") or _text(content, "redacts")
    name, sender = str(event["event_id"]), str(event["sender"])
    return Retraction(name, room_id, sender, target, stamped(event, now), now) if target else None


def sent(event: Event, now: datetime) -> datetime:
    """When the server got the event, never later than now."""
    moment = stamped(event, now)
    return moment if EPOCH < moment < now else now


def stamped(event: Event, now: datetime) -> datetime:
    """The moment that the sender's server gives the event, whatever it is; now if it gives none."""
    stamp = event.get("origin_server_ts")
    if not isinstance(stamp, int):
        return now
    return EPOCH + timedelta(milliseconds=min(max(stamp, 0), LATEST))


def _pill(content: Event, bot: str) -> bool:
    """Whether the text shows the bot's name as a pill; a reply alone mentions it, too."""
    html = _html(content)
    return f"matrix.to/#/{bot}" in html or f"matrix.to/#/{quote(bot)}" in html


def _pills(content: Event, bot: str) -> tuple[str, ...]:
    """Whom the links of a text lead to, but for the bot; what the links are called is no matter."""
    html = _html(content)
    targets = _LINK.findall(html)[:MOST_PILLS] if "matrix.to" in html else ()
    people = [unquote(unescape(target)) for target in targets]
    return tuple(dict.fromkeys(who for who in people if who[:1] == "@" and who != bot))


def _html(content: Event) -> str:
    """The text as it was formatted, without what it quotes."""
    return _text(content, "formatted_body").rpartition("</mx-reply>")[2]


def _text(mapping: Event, key: str) -> str:
    value = mapping.get(key)
    return value.encode(errors="replace").decode() if isinstance(value, str) else ""


def part(mapping: Event, *keys: str) -> dict[str, Any]:
    """The mapping that is found under these keys, one inside the other; empty if there is none."""
    found: Any = mapping
    for key in keys:
        found = found.get(key) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}


def entries(mapping: Event, key: str) -> list[dict[str, Any]]:
    """The mappings in the list under this key; whatever else is there is passed over."""
    found = mapping.get(key)
    return [e for e in found if isinstance(e, dict)] if isinstance(found, list) else []
