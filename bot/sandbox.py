"""The process that reads one file: `python -m bot.sandbox KIND [RULE …]`, bytes in, a text out.

The text begins with a plus if it is what was found, as JSON; otherwise it says what is wrong.
"""

import importlib
import resource
import sys
from typing import Final

CPU_SECONDS: Final = 5
MEMORY: Final = 320 * 2**20  # bytes of addresses; the service may have 512 MiB in all
KINDS: Final = (
    "lists.participants_reading",
    "lists.presence_reading",
    "course_files.course_reading",
)
"""The modules of `storage` that can read a file."""


def main(kind: str, rules: list[str]) -> str:
    """What is in the file on the standard input."""
    for what, most in (
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
    if kind not in KINDS:
        raise ValueError(kind)
    module = importlib.import_module(f"storage.{kind}")
    try:
        return f"+{module.read(sys.stdin.buffer.read(), rules)}"
    except (module.Unreadable, MemoryError, RecursionError) as error:
        return str(error)


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    sys.stdout.write(main(sys.argv[1], sys.argv[2:]))
