"""The service as a process of its own, asked over HTTP."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from functools import cached_property
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import httpx
from attrs import define, field

from disclosure import shown, typed
from watched_libraries import show_output

Start = Callable[..., "Service"]

# A first start prints the new Admin's password, for that is where it is told, and a payment to try.
EXAMPLE = re.compile(r'"paying_card_details": {.*?}', re.DOTALL)

SECRETS = {"jwt_secret", "jwt_private_key", "jwt_previous_keys", "bootstrap_admin"}


def _forgetful_client() -> httpx.Client:
    client = httpx.Client(timeout=30)
    # Whoever asks says who they are; the cookie of the last login would say it for them.
    client.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    return client


@define(eq=False)
class Service:
    """
    A process of ``quayside serve`` on a port of its own.

    Args:
        folder: Its working directory.
        settings: What it was started with.
        log: What it writes to standard error.
    """

    folder: Path
    settings: dict[str, str]
    process: subprocess.Popen[bytes]
    log: Path
    client: httpx.Client = field(factory=_forgetful_client)

    @classmethod
    def started(cls, folder: Path, *options: str, **settings: str) -> "Service":
        """A service that listens."""
        log = folder / f"serve-{monotonic()}.log"
        with log.open("wb") as stderr:
            command = [sys.executable, "-m", "quayside", "serve", "--port", "0", *options]
            process = subprocess.Popen(
                command, cwd=folder, env=environment(settings), stdout=subprocess.PIPE, stderr=stderr
            )
        service = cls(folder, settings, process, log)
        try:
            until(lambda: b'"listening"' in log.read_bytes() or process.poll() is not None)
            assert process.poll() is None, log.read_text()
        except AssertionError:
            service.kill()
            raise
        service.client.base_url = httpx.URL(service.url)
        return service

    def kill(self) -> None:
        """End it as a power cut would."""
        self.client.close()
        output = self.process.stdout
        with self.process:
            self.process.kill()
            if output and not output.closed:  # it may have been killed before
                shown("output of the service", EXAMPLE.sub("", output.read().decode()), by_several=True)

    def logged(self, event: str) -> list[dict[str, Any]]:
        return [line for line in self.log_lines() if line["event"] == event]

    def log_lines(self) -> list[dict[str, Any]]:
        return lines_of(self.log)

    def memory_kib(self, measure: str) -> int:
        """``VmRSS``: what it has in use now; ``VmHWM``: the most it ever had."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.findall(rf"^{measure}:\s+(\d+) kB", status, re.MULTILINE)[0])

    @cached_property
    def url(self) -> str:
        url: str = self.logged("listening")[0]["url"]
        return url

    def ask(
        self, method: str, path: str, body: object = None, *, token: str | None = None, **headers: str
    ) -> httpx.Response:
        """Send one request; *token* says whose it is."""
        if token is not None:
            headers["authorization"] = f"Bearer {token}"
        return self.client.request(method, path, json=body, headers=headers)

    def command(self, *arguments: str, timeout_s: float = 60) -> subprocess.CompletedProcess[str]:
        """Run ``quayside`` beside it, in its folder and with its settings."""
        return quayside(*arguments, cwd=self.folder, timeout_s=timeout_s, **self.settings)


def lines_of(log: Path) -> list[dict[str, Any]]:
    """What was logged there; the last line may be half written, or half of a letter."""
    lines = log.read_bytes().splitlines(keepends=True)
    return [json.loads(line) for line in lines if line.endswith(b"\n")]


def environment(settings: dict[str, Any]) -> dict[str, str]:
    """This process's, without what is set in it for quayside."""
    typed(*(value.rpartition(":")[2] for name, value in settings.items() if name in SECRETS))
    others = {name: value for name, value in os.environ.items() if not name.startswith("QUAYSIDE_")}
    return others | {f"QUAYSIDE_{name.upper()}": value for name, value in settings.items()}


def quayside(
    *arguments: str, cwd: Path, timeout_s: float = 60, **settings: str
) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    ended = subprocess.run(
        [sys.executable, "-m", "quayside", *arguments],
        cwd=cwd,
        env=environment(settings),
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )
    show_output(arguments, ended.stdout + ended.stderr)
    return ended


def until(condition: Callable[[], object], timeout_s: float = 30) -> None:
    """Return once *condition* holds."""
    deadline = monotonic() + timeout_s
    while not condition():
        assert monotonic() < deadline, "it did not happen in time"
        sleep(0.02)
