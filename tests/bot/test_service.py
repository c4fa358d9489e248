"""The service is light: it starts fast and stays small."""

import subprocess
import sys
from importlib.metadata import version

from click.testing import CliRunner

from bot.__main__ import main


def test_the_service_loads_nothing_that_only_an_import_needs():
    code = "import bot.service, sys; print({'pydantic', 'bot.demo'} & {*sys.modules})"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout == "set()\n"


def test_it_says_which_version_it_is():
    assert CliRunner().invoke(main, ["--version"]).output == f"Kursbot {version('kursbot')}\n"
