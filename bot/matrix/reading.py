"""The answers of the server as JSON: inside are events, and anybody may have written those.

One event that Python cannot read must not make the whole answer unreadable: the server would give
the same one again for ever.
"""

import json
import re
from typing import Any

from aiohttp import ClientResponse

from bot.files import TooLarge

MOST_BYTES = 100 * 2**20
"""A server that says more than this at once is out of order; a large account's rooms are 10 MiB."""

DEEPEST = 100
"""No event of any use is nested so deeply; Python follows for about 1,000 levels."""

LONGEST = 20
"""Digits of a number; canonical JSON allows for 16, and Python refuses to read 4,300."""

_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[\[{]|[\]}]', re.DOTALL)


async def whole(response: ClientResponse) -> dict[str, Any]:
    """What a response says; nothing if it is an error in the words of something else.

    Raises `ValueError` or `RecursionError` if what should be the answer is no JSON.
    """
    data = bytearray()
    async for piece in response.content.iter_any():
        data += piece
        if len(data) > MOST_BYTES:
            raise ValueError("an answer without an end")
    try:
        return parse(bytes(data))
    except (ValueError, RecursionError):
        if response.status < 300:
            raise
        return {}


async def limited(response: ClientResponse, most: int) -> bytes:
    """The bytes that a response brings. Raises `TooLarge` as soon as they are more than so many."""
    if (response.content_length or 0) > most:
        raise TooLarge
    data = bytearray()
    async for piece in response.content.iter_any():
        data += piece
        if len(data) > most:
            raise TooLarge
    return bytes(data)


def parse(data: bytes) -> dict[str, Any]:
    """The object as far as it makes sense: empty in the place of nothing or any other value.

    Invalid UTF-8 is replaced, too long numbers are imprecise, too deep ones of the values null.
    """
    text = data.decode(errors="replace") or "{}"
    try:
        found = json.loads(text, parse_int=_number)
    except RecursionError:
        found = json.loads(_shallow(text), parse_int=_number)
    return found if isinstance(found, dict) else {}


def token(value: object) -> str:
    """A place in what has happened, as the server names it; empty if this cannot be one."""
    return value if isinstance(value, str) and value.isascii() and value.isprintable() else ""


def _number(digits: str) -> int | float:
    return int(digits) if len(digits) <= LONGEST else float(digits)


def _shallow(text: str) -> str:
    """The JSON with null in the place of everything that is nested too deeply."""
    kept: list[str] = []
    depth = start = 0
    for token in _TOKEN.finditer(text):
        if token[0] in "[{":
            depth += 1
            if depth == DEEPEST + 1:
                kept.append(text[start : token.start()])
        elif token[0] in "]}":
            depth -= 1
            if depth == DEEPEST:
                kept.append("null")
                start = token.end()
    return "".join((*kept, text[start:]))
