"""From the tiny markup of replies to the content of a Matrix event.

The only place where text becomes content, so the only place that cleans and escapes it.
"""

import re
from typing import Any

from bot import reading
from storage.chart import Picture
from storage.replies import Ballot

LIMIT = 16_000
"""Longest text in characters; an event may have 65,536 bytes in all."""

CAUSE = "de.kursbot.cause"
"""The key under which an event names why it was sent, to be found again after 24 hours."""

Content = dict[str, Any]

_BOLD = re.compile(r"\*\*(.+?)\*\*", re.DOTALL)
_ADDRESS = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)\]]")


def content(text: str, push: bool, cause: str, everyone: bool = False) -> Content:
    """A text message: `push` notifies people's phones, the other kind never does.

    Only for `everyone` it mentions anybody at all: the whole room.
    """
    clean = reading.clean(text)[:LIMIT]
    return {
        "msgtype": "m.text" if push else "m.notice",
        "body": plain(clean),
        "format": "org.matrix.custom.html",
        "formatted_body": html(clean),
        "m.mentions": {"room": True} if everyone else {},
        CAUSE: cause,
    }


def edit(text: str, cause: str) -> Content:
    """A new text for an earlier message, which nobody is notified of."""
    new = content(text, False, cause)
    del new[CAUSE]
    fallback = {key: f"* {new[key]}" for key in ("body", "formatted_body")}
    return (
        new
        | fallback
        | {"m.new_content": new, "m.relates_to": {"rel_type": "m.replace"}}
        | {CAUSE: cause}
    )


def pin(title: str, instead: str | None, cause: str) -> Content:
    """The wish that a message be pinned, `instead` of an event; the edge makes state of it."""
    return {"body": title, "instead": instead, "pinned": [], CAUSE: cause}


def refer(content: Content, event_id: str) -> Content:
    """The content of an edit or a pin with the event that it is about."""
    if "pinned" in content:
        return content | {"pinned": [event_id]}
    return content | {"m.relates_to": content["m.relates_to"] | {"event_id": event_id}}


def plain(text: str) -> str:
    """The text without its markup, complete for clients that show nothing else."""
    return _BOLD.sub(r"\1", text)


def html(text: str) -> str:
    """The text as the HTML that Matrix clients keep: bold, line breaks, links."""
    bold = _BOLD.sub(r"<strong>\1</strong>", _escaped(text))
    linked = _ADDRESS.sub(lambda m: f'<a href="{m[0]}">{m[0]}</a>', bold)
    return linked.replace("\n", "<br>")


def poll_start(ballot: Ballot, cause: str) -> Content:
    """A native poll in the hybrid form that Element and the specification both read.

    Answer ids are the numbers that people type. Clients without polls show the body.
    """
    answers = {str(number): label for number, label in ballot.options.items()}
    options = "\n".join(f"{number} – {label}" for number, label in answers.items())
    kind = "disclosed" if ballot.disclosed else "undisclosed"
    old = {"kind": f"org.matrix.msc3381.poll.{kind}", "max_selections": ballot.choices}
    new = {"kind": f"m.{kind}", "max_selections": ballot.choices}
    body = f"{ballot.question}\n{options}"
    return {
        "org.matrix.msc3381.poll.start": old
        | {
            "question": _extensible(ballot.question),
            "answers": [{"id": i, **_extensible(label)} for i, label in answers.items()],
        },
        "m.poll": new
        | {
            "question": {"m.text": [{"body": ballot.question}]},
            "answers": [{"m.id": i, "m.text": [{"body": s}]} for i, s in answers.items()],
        },
        "org.matrix.msc1767.text": body,
        "m.text": [{"body": body}],
        "body": body,
        "m.mentions": {},
        CAUSE: cause,
    }


def poll_end(text: str, start: str, cause: str) -> Content:
    """The end of the native poll that the event `start` began."""
    return {
        "m.relates_to": {"rel_type": "m.reference", "event_id": start},
        "org.matrix.msc3381.poll.end": {},
        "org.matrix.msc1767.text": text,
        "m.text": [{"body": text}],
        "body": text,
        "m.mentions": {},
        CAUSE: cause,
    }


def reaction(event_id: str, key: str, cause: str) -> Content:
    """A reaction to an event."""
    annotation = {"rel_type": "m.annotation", "event_id": event_id, "key": key}
    return {"m.relates_to": annotation, CAUSE: cause}


def shared(name: str, source: Content, cause: str) -> Content:
    """A file message about what somebody has uploaded before, as encrypted as it was then."""
    plain = reading.clean(name)[:200]
    about = {"msgtype": "m.file", "body": plain, "filename": plain, "m.mentions": {}, CAUSE: cause}
    return source | about


def file(name: str, mimetype: str, size: int, cause: str) -> Content:
    """A file message; the delivery adds its address after the upload."""
    info = {"mimetype": mimetype, "size": size}
    return {
        "msgtype": "m.file",
        "body": name,
        "filename": name,
        "info": info,
        "m.mentions": {},
        CAUSE: cause,
    }


def image(name: str, description: str, picture: Picture, cause: str) -> Content:
    """A picture; its body is what people read or hear who do not see it."""
    info = {"mimetype": "image/png", "size": len(picture.data)}
    info |= {"w": picture.width, "h": picture.height}
    return {
        "msgtype": "m.image",
        "body": reading.clean(description)[:LIMIT],
        "filename": name,
        "info": info,
        "m.mentions": {},
        CAUSE: cause,
    }


def _escaped(text: str) -> str:
    """As data between tags, or in an address between double quotes, which has none itself."""
    # The module html keeps all 2,231 names of characters in memory, for three of them.
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _extensible(text: str) -> Content:
    return {"org.matrix.msc1767.text": text, "body": text, "msgtype": "m.text"}
