"""From raw events to messages and votes: everything in `content` is data of unknown shape."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from bot.incoming import Message, NativeVote

VOTES = ("org.matrix.msc3381.poll.response", "m.poll.response")
MEDIA = ("m.audio", "m.image", "m.video", "m.file")

Event = Mapping[str, Any]


def translate(
    event: Event, *, room_id: str, bot: str, direct: bool, now: datetime
) -> Message | NativeVote | None:
    """The event as the bot understands it; None when it is nothing for the bot.

    Notices come from other bots and are never answered (specification: m.notice).
    """
    event_id, sender, kind = (_text(event, key) for key in ("event_id", "sender", "type"))
    content = part(event, "content")
    if not event_id or not sender or sender == bot or "state_key" in event:
        return None
    if kind in VOTES:
        return _vote(event, content, room_id, now)
    media = kind == "m.sticker" or _text(content, "msgtype") in MEDIA
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
    )


def _vote(event: Event, content: Event, room_id: str, now: datetime) -> NativeVote | None:
    """An answer to a poll in the unstable or the stable form (MSC3381).

    Clients withdraw a vote by leaving the answers out.
    """
    relation = part(content, "m.relates_to")
    poll = _text(relation, "event_id")
    if relation.get("rel_type") != "m.reference" or not poll:
        return None
    old = part(content, VOTES[0]).get("answers")
    answers = content.get("m.selections", old)
    chosen = answers if isinstance(answers, list) else []
    return NativeVote(
        event_id=str(event["event_id"]),
        room_id=room_id,
        sender=str(event["sender"]),
        poll_event=poll,
        choices=tuple(a if isinstance(a, str) else "" for a in chosen[:100]),
        sent=sent(event, now),
        now=now,
    )


def sent(event: Event, now: datetime) -> datetime:
    """When the server got the event, never later than now."""
    stamp = event.get("origin_server_ts")
    if not isinstance(stamp, int) or not 0 < stamp < now.timestamp() * 1000:
        return now
    return datetime.fromtimestamp(stamp / 1000, UTC)


def _pill(content: Event, bot: str) -> bool:
    """Whether the text shows the bot's name as a pill; a reply alone mentions it, too."""
    html = _text(content, "formatted_body").rpartition("</mx-reply>")[2]
    return f"matrix.to/#/{bot}" in html or f"matrix.to/#/{quote(bot)}" in html


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
