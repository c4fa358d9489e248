"""A real Synapse on this machine alone: the homeserver of the demo and of the tests."""

import asyncio
import base64
import contextlib
import hashlib
import hmac
import importlib.util
import json
import secrets
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

START_SECONDS = 60
STOP_SECONDS = 10
PORT_ATTEMPTS = 5
UNLIMITED = {"per_second": 100_000, "burst_count": 100_000}
SINGLE_LIMITS = (
    "admin_redaction joins_per_room key_requests media_create message profile registration "
    "room_creation user_directory"
)
GROUPED_LIMITS = {
    "invites": ("per_issuer", "per_room", "per_user"),
    "joins": ("local", "remote"),
    "login": ("account", "address", "failed_attempts"),
}
SPEED = {
    "bcrypt_rounds": 4,
    **{f"rc_{name}": UNLIMITED for name in SINGLE_LIMITS.split()},
    **{f"rc_{name}": dict.fromkeys(keys, UNLIMITED) for name, keys in GROUPED_LIMITS.items()},
}
LOGGING = {
    "version": 1,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"level": "WARNING", "handlers": ["stderr"]},
    "disable_existing_loggers": False,
}
# Our end of its standard input closes whenever we die, even by SIGKILL: then it has to die, too.
CHILD = """
import os, signal, threading
def outlive_nobody():
    os.read(0, 1)
    os.kill(os.getpid(), signal.SIGKILL)
threading.Thread(target=outlive_nobody, daemon=True).start()
from synapse.app.homeserver import main
main()
"""


class HomeserverError(Exception):
    """Synapse is missing, did not start, or refused an account; the text is for people."""


@dataclass
class Homeserver:
    """One Synapse with everything it owns in one folder; it may be started again and again.

    `fast` lifts all rate limits and makes passwords cheap; without it Synapse's defaults apply.
    `settings` are Synapse's own and win over ours. The port is chosen at the first start and kept.
    Nothing here is bound to an event loop.
    """

    folder: Path
    server_name: str = "localhost"
    fast: bool = True
    port: int = 0
    settings: dict[str, object] = field(default_factory=dict)
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def base_url(self) -> str:
        """Where clients reach it."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        """All that Synapse prints: warnings and crashes."""
        return self.folder / "homeserver.log"

    def user_id(self, name: str) -> str:
        """The full Matrix ID of a local account."""
        return f"@{name}:{self.server_name}"

    async def start(self) -> None:
        """Start it and return once it answers clients; HomeserverError with its last words else."""
        if importlib.util.find_spec("synapse") is None:
            raise HomeserverError("Synapse ist hier nicht installiert; `make demo` richtet es ein.")
        fixed_port = self.port
        for _ in range(PORT_ATTEMPTS):
            self.port = fixed_port or free_port()
            self._launch()
            if await self._answers():
                return
            self.kill()
            if fixed_port or "Failed to listen" not in self._last_words():
                break
        raise HomeserverError(
            f"Synapse ist nicht gestartet. Zuletzt schrieb es:\n{self._last_words()}"
        )

    async def stop(self) -> None:
        """Let it finish what it does, at most 10 s long."""
        if self._process:
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                await asyncio.to_thread(self._process.wait, STOP_SECONDS)
        self.kill()

    def kill(self) -> None:
        """End it with SIGKILL, as a power cut would; what is not on disk is lost."""
        if self._process:
            self._process.kill()
            self._process.communicate()
            self._process = None

    async def restart(self) -> None:
        """Stop and start it, with the same port and the same data."""
        await self.stop()
        await self.start()

    async def register(
        self, name: str, password: str, *, admin: bool = False, displayname: str | None = None
    ) -> None:
        """Create an account by the shared secret; HomeserverError when the name is taken."""
        url = f"{self.base_url}/_synapse/admin/v1/register"
        async with aiohttp.ClientSession() as http:
            async with http.get(url) as response:
                nonce = (await response.json())["nonce"]
            role = "admin" if admin else "notadmin"
            proof = "\0".join((nonce, name, password, role)).encode()
            account = {
                "nonce": nonce,
                "username": name,
                "displayname": displayname or name,
                "password": password,
                "admin": admin,
                "mac": hmac.new(self._secret().encode(), proof, hashlib.sha1).hexdigest(),
                "inhibit_login": True,
            }
            async with http.post(url, json=account) as response:
                if response.status != 200:
                    raise HomeserverError(f"Konto {name}: {await response.text()}")

    def _launch(self) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name, content in (("homeserver.yaml", self._settings()), ("logging.yaml", LOGGING)):
            (self.folder / name).write_text(json.dumps(content, indent=1))  # JSON is YAML
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-c", CHILD, "--config-path", "homeserver.yaml"],
                cwd=self.folder,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for us; we end it in our own time
            )

    def _settings(self) -> dict[str, object]:
        secret = self._secret()
        resources = [{"names": ["client"], "compress": False}]
        listener = {"type": "http", "port": self.port, "bind_addresses": ["127.0.0.1"]}
        return {
            "server_name": self.server_name,
            "public_baseurl": self.base_url,
            "listeners": [listener | {"resources": resources}],
            "database": {"name": "sqlite3", "args": {"database": "homeserver.db"}},
            "media_store_path": "media",
            "max_upload_size": "20M",
            "signing_key": f"ed25519 a_1 {signing_seed(secret)}",
            "registration_shared_secret": secret,
            "enable_registration": False,
            "log_config": "logging.yaml",
            "report_stats": False,
            "presence": {"enabled": False},
            "trusted_key_servers": [],
            "suppress_key_server_warning": True,
            "federation_domain_whitelist": [],
            **(SPEED if self.fast else {}),
            **self.settings,
        }

    def _secret(self) -> str:
        path = self.folder / "secret"
        if not path.exists():
            path.write_text(secrets.token_hex(32))
        return path.read_text()

    async def _answers(self) -> bool:
        """Wait until it serves clients; False when it died or took longer than a minute."""
        url = f"{self.base_url}/_matrix/client/versions"
        brief = aiohttp.ClientTimeout(total=2)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(START_SECONDS), aiohttp.ClientSession(timeout=brief) as http:
                while self._process and self._process.poll() is None:
                    with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                        async with http.get(url) as response:
                            if response.status == 200:
                                return True
                    await asyncio.sleep(0.05)
        return False

    def _last_words(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-15:])


def free_port() -> int:
    """A TCP port of the loopback interface that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def signing_seed(secret: str) -> str:
    """Synapse's signing key, which nobody checks where nothing federates."""
    return base64.b64encode(bytes.fromhex(secret)).decode().rstrip("=")


@contextlib.asynccontextmanager
async def running(
    folder: Path, *, server_name: str = "localhost", fast: bool = True
) -> AsyncIterator[Homeserver]:
    """A started homeserver with its data in this folder; stopped at the end, the data stay."""
    homeserver = Homeserver(folder, server_name, fast)
    try:
        await homeserver.start()
        yield homeserver
    finally:
        await homeserver.stop()
