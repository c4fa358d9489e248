"""The service is light: it starts fast and stays small."""

import subprocess
import sys


def test_the_service_loads_nothing_that_only_an_import_needs():
    code = "import bot.service, sys; print({'pydantic', 'bot.demo'} & {*sys.modules})"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout == "set()\n"
