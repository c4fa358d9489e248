"""Full Matrix ids as people give them: exactly, or as the target of a link; never a name."""

import re
from collections.abc import Sequence
from typing import Final
from urllib.parse import unquote

from storage.rooms import SERVER

MXID: Final = re.compile(rf"@[!-9;-~]+:{SERVER}")
LONGEST: Final = 255
"""Characters of an id (specification, "User Identifiers")."""

_LINK: Final = re.compile(r"(?:\[[^\]\n]*\]\()?https://matrix\.to/#/([^\s?()]+)\)?", re.ASCII)


def exact(text: str) -> str | None:
    """The text if it is a full Matrix id and nothing else; None if not."""
    return text if len(text) <= LONGEST and MXID.fullmatch(text) else None


def meant(typed: str, pills: Sequence[str] = ()) -> str | None:
    """Whom somebody names: by the one pill of the message, else by what is typed; None if nobody.

    What a pill is called does not matter: that can be anybody's name, or look like an id.
    """
    if pills:
        return exact(pills[0]) if len(pills) == 1 else None
    link = _LINK.fullmatch(typed.strip())
    return exact(unquote(link[1]) if link else typed.strip())
