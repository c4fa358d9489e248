"""Read a list of participants from a file, where that may fail: only what the course needs."""

import json
import re
from collections.abc import Collection, Iterable
from dataclasses import asdict
from typing import Final

from storage import accounts
from storage.course_files.course_document import cut
from storage.lists import tables
from storage.lists.participants import ACCOUNT, GROUP, KEY, NETWORK, Remark, Row, Sheet
from storage.lists.tables import Unreadable as Unreadable

COLUMNS: Final[tables.Columns] = {
    KEY: ("kennung", "id", "tnid", "tnnr", "kuerzel", "teilnehmerid", "personenid", "personid"),
    NETWORK: ("netzwerk", "netzwerkname", "regionalnetzwerk", "netz", "network", "mintregion"),
    ACCOUNT: (
        *("konto", "kontoname", "chatkonto", "chatid", "chatadresse", "chatkennung", "mxid"),
        *("matrixid", "matrixkonto", "matrixadresse", "matrixkennung", "matrixname", "matrix"),
        *("element", "elementid", "elementkonto", "elementname", "account", "benutzername"),
        *("benutzerkennung", "userid", "nutzerkennung", "nutzername"),
    ),
    GROUP: ("gruppe", "projektgruppe", "gruppennummer", "gruppennr", "group", "projektgruppennr"),
}
_NEEDED: Final = (frozenset({NETWORK}), frozenset({KEY}), frozenset({ACCOUNT}))
_KEY: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
_LINK: Final = re.compile(r"(?:https://matrix\.to/#/|matrix:u/|mailto:)(?=\S)")


def read(data: bytes, rules: Collection[str] = ()) -> str:
    """The sheet in a file, as JSON. Raises `Unreadable`."""
    found = tables.table(data, COLUMNS, _NEEDED)
    rows, faults = list[Row](), list[Remark]()
    seen, doubles = dict[str, int](), list[Remark]()
    whole = {number: "\t".join(row) for number, row in found.rows}
    for number, cells in found.cells():
        first = seen.setdefault(whole[number], number)
        if first != number:
            doubles.append(Remark(number, f"wie Zeile {first}, zählt einmal"))
            continue
        row = _row(number, cells)
        rows.append(row)
        faults += [Remark(number, said) for said in _wrong(row, cells)]
    faults += _twice((row.number, row.mxid.casefold(), "Konto") for row in rows)
    faults += _twice((row.number, row.key.casefold(), "Kennung") for row in rows)
    faults.sort(key=lambda remark: remark.number)
    return json.dumps(asdict(Sheet(rows, faults, doubles, [cut(n, 30) for n in found.others])))


def _row(number: int, cells: dict[str, str]) -> Row:
    account = _LINK.sub("", cells.get(ACCOUNT, "")).strip()
    account = "" if account in ("-", "–", "—", "?") else account
    group = re.fullmatch(r"(?:Gruppe )?0*([1-9][0-9]?)", cells.get(GROUP, ""), re.I)
    network = cut(cells.get(NETWORK, ""), 200)
    return Row(number, cells.get(KEY, ""), network, account, int(group[1]) if group else None)


def _wrong(row: Row, cells: dict[str, str]) -> Iterable[str]:
    if row.mxid and not accounts.is_mxid(row.mxid):
        yield f"„{cut(row.mxid, 40)}“ ist kein Konto (Beispiel: @name:server.de)"
    if row.key and not _KEY.fullmatch(row.key):
        yield f"„{cut(row.key, 30)}“ ist keine Kennung (Beispiel: tn01)"
    if cells.get(GROUP) and row.group is None:
        yield f"„{cut(cells[GROUP], 20)}“ ist keine Gruppe (Beispiel: 2)"


def _twice(values: Iterable[tuple[int, str, str]]) -> Iterable[Remark]:
    seen = dict[str, int]()
    for number, value, what in values:
        first = seen.setdefault(value, number)
        if value and first != number:
            yield Remark(number, f"{what} wie in Zeile {first}")
