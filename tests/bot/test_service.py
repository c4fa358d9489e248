"""The service is light: it starts fast and stays small."""

import os
import ssl
import subprocess
import sys
from importlib.metadata import version

from click.testing import CliRunner

from bot.__main__ import main
from bot.running import certificates


def test_the_service_loads_nothing_that_only_an_import_needs():
    code = "import bot.service, sys; print({'pydantic', 'bot.demo'} & {*sys.modules})"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout == "set()\n"


def test_it_says_which_version_it_is():
    assert CliRunner().invoke(main, ["--version"]).output == f"Kursbot {version('kursbot')}\n"


def test_certificates_are_read_only_where_they_are_needed():
    before = dict(os.environ)
    with certificates(needed=False):
        assert ssl.create_default_context().cert_store_stats()["x509"] == 0
    assert dict(os.environ) == before
    with certificates(needed=True):
        assert dict(os.environ) == before
