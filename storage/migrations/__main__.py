"""`python -m storage.migrations`: draft the revision that is not released yet."""

import subprocess
import sys
from pathlib import Path

from storage.engine.schema import VERSION
from storage.migrations.draft import drafted

if __name__ == "__main__":
    code, dropped = drafted(VERSION)
    file = Path(__file__).with_name(f"schema_{VERSION}.py")
    file.write_text(code, encoding="utf-8")
    ruff = [sys.executable, "-m", "ruff"]
    subprocess.run([*ruff, "check", "--quiet", "--fix", "--select", "F401,I", file], check=True)
    subprocess.run([*ruff, "format", "--quiet", file], check=True)
    sys.stdout.writelines(f"Mit allem darin gelöscht: {what}\n" for what in dropped)
