"""Run the bot until it comes to a certain place in its code, and kill it there.

`python -m tests.matrix.dying FILE:FUNCTION TIMES run --config …`: the process gets SIGKILL from
itself when it enters that function for the n-th time. It only looks on: nothing is replaced.
"""

import os
import signal
import sys
from types import FrameType

from bot.running import verb


def die(place: str, times: int) -> None:
    """Watch every call until then."""
    file, _, function = place.partition(":")
    left = times

    def look(frame: FrameType, event: str, _: object) -> None:
        nonlocal left
        code = frame.f_code
        if event == "call" and code.co_name == function and code.co_filename.endswith(file):
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.setprofile(look)


if __name__ == "__main__":
    die(sys.argv[1], int(sys.argv[2]))
    verb(sys.argv[4:], prog_name="kursbot")
