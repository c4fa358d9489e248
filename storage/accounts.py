"""What full Matrix ids and the addresses of rooms look like; pure.

Rules: Matrix specification, "Identifier Grammar".
"""

import re
from typing import Final

LONGEST: Final = 255  # characters
SERVER: Final = r"(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?"
"""The pattern of a server's name."""

_MXID: Final = re.compile(rf"@[!-9;-~]+:{SERVER}")
_ROOM: Final = re.compile(rf"#[^\s:]+:{SERVER}|![^\s:]+(?::{SERVER})?")  # v12 ids: no server


def is_mxid(text: str) -> bool:
    """Whether it is the full id of an account."""
    return len(text) <= LONGEST and _MXID.fullmatch(text) is not None


def is_room(text: str) -> bool:
    """Whether it is the alias or the id of a room."""
    return len(text) <= LONGEST and _ROOM.fullmatch(text) is not None
