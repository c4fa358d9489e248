"""A list of participants as organisers keep it: what is in the file, not yet compared."""

import json
from dataclasses import dataclass
from typing import Final

KIND: Final = "lists.participants_reading"
KEY, NETWORK, ACCOUNT, GROUP = "Kennung", "Netzwerk", "Konto", "Gruppe"
"""All that the course needs of a list (product C.16)."""


@dataclass(frozen=True)
class Row:
    """One line of the file: `number` as spreadsheets count. What is not there is empty."""

    number: int
    key: str
    network: str
    mxid: str
    group: int | None


@dataclass(frozen=True)
class Remark:
    """Something about a line of the file, in German."""

    number: int
    text: str


@dataclass(frozen=True)
class Sheet:
    """All lines, what is wrong with some, which are there twice, and the columns nobody needs."""

    rows: list[Row]
    faults: list[Remark]
    doubles: list[Remark]
    dropped: list[str]


def loads(text: str) -> Sheet:
    """The sheet that was read from the file."""
    found = json.loads(text)
    return Sheet(
        [Row(**row) for row in found["rows"]],
        [Remark(**remark) for remark in found["faults"]],
        [Remark(**remark) for remark in found["doubles"]],
        found["dropped"],
    )
