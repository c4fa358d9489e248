"""Change values in a TOML file that people write, and leave their comments where they are."""

import json
from collections.abc import Mapping

Values = Mapping[str, Mapping[str, object]]
"""What the values are, by the table and the key."""


def changed(text: str, values: Values) -> str:
    """The text with these values where it has others; what it does not have is not added."""
    lines, table = list[str](), ""
    for line in text.splitlines():
        if line.startswith("["):
            table = line.partition("#")[0].strip().strip("[]")
        key, found, _ = line.partition("=")
        if found and key.strip() in values.get(table, {}):
            line = f"{key}= {json.dumps(values[table][key.strip()], ensure_ascii=False)}"
        lines.append(line)
    return "\n".join(lines) + "\n"
