"""What full Matrix ids and the addresses of rooms look like, and whom one means by them; pure.

Rules: Matrix specification, "Identifier Grammar".
"""

import re
from collections.abc import Sequence
from typing import Final
from urllib.parse import unquote

LONGEST: Final = 255  # characters
SERVER: Final = r"(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?"
"""The pattern of a server's name."""

_MXID: Final = re.compile(rf"@[!-9;-~]+:{SERVER}")
_ROOM: Final = re.compile(rf"#[^\s:]+:{SERVER}|![^\s:]+(?::{SERVER})?")  # v12 ids: no server
_LINK: Final = re.compile(r"(?:\[[^\]\n]*\]\()?https://matrix\.to/#/([^\s?()]+)\)?", re.ASCII)


def is_mxid(text: str) -> bool:
    """Whether it is the full id of an account."""
    return len(text) <= LONGEST and _MXID.fullmatch(text) is not None


def is_room(text: str) -> bool:
    """Whether it is the alias or the id of a room."""
    return len(text) <= LONGEST and _ROOM.fullmatch(text) is not None


def meant(typed: str, pills: Sequence[str] = ()) -> str | None:
    """Whom somebody names: by the one pill of the message, else by what is typed; None if nobody.

    What a pill is called does not matter: that can be anybody's name, or look like an id.
    """
    link = _LINK.fullmatch(typed.strip())
    named = [*pills] or [unquote(link[1]) if link else typed.strip()]
    return named[0] if len(named) == 1 and is_mxid(named[0]) else None
