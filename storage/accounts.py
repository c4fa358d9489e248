"""What a full Matrix id looks like; pure. Rules: Matrix specification, "User Identifiers"."""

import re
from typing import Final

SERVER: Final = r"(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?"
MXID: Final = re.compile(rf"@[!-9;-~]+:{SERVER}")
LONGEST: Final = 255  # characters of an id
