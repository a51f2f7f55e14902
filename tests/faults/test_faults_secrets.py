"""Twelve secrets go into a service in which much goes wrong; none of them comes out where it should not."""

from __future__ import annotations

import base64
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from faults import signs
from faults.remote import IMPORTED_FROM
from faults.scenes import CITY, CLAIM, SOURCES, first_poll, transfer
from faults.service import WATCHER
from faults.stage import Stage

SECRETS = {
    name: f"planted-{number:02}-{name}"
    for number, name in enumerate(
        (
            "mail-password",
            "mail-password-of-the-environment",
            "mail-password-of-a-file",
            "signing-secret",
            "old-signing-secret",
            "user-in-address",
            "password-in-address",
            "token-in-path",
            "token-in-query",
            "token-of-a-dead-receiver",
            "key-of-an-interface",
            "key-of-a-dead-interface",
        )
    )
}


def signing(name: str) -> str:
    """A secret that webhooks can be signed with."""
    return "whsec_" + base64.b64encode(SECRETS[name].ljust(24, "-").encode()).decode()


CHANNELS = """
[channels.login]
kind = "mail"
host = "127.0.1.1"
port = {mail}
tls = "starttls"
username = "desk"
password = "{mail-password}"
sender = "watcher@example.org"
to = ["login@example.org"]

[channels.environment]
kind = "mail"
host = "127.0.1.1"
port = 9
tls = "tls"
username = "desk"
password = "env:PLANTED"
sender = "watcher@example.org"
to = ["environment@example.org"]

[channels.file]
kind = "mail"
host = "127.0.1.1"
port = {hook}
tls = "tls"
username = "desk"
password = "file:{folder}/password"
sender = "watcher@example.org"
to = ["file@example.org"]

[channels.refused]
kind = "webhook"
url = "http://{user-in-address}:{password-in-address}@127.0.1.1:{hook}/{token-in-path}?token={token-in-query}"
secret = "{signing}"
old_secret = "{old-signing}"

[channels.dead]
kind = "webhook"
url = "http://127.0.1.1:9/{token-of-a-dead-receiver}"
secret = "{signing}"

[secrets]
interface = "{key-of-an-interface}"
dead-interface = "{key-of-a-dead-interface}"
"""
SOURCE = """\
  - id: {id}
    kind: json
    url: "http://127.0.1.1:{port}/{id}"
    every: 1s
    items: items
    title: name
    headers: {{X-Key: "{{{id}}}"}}
"""


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """A newsroom whose settings are full of secrets, and whose channels and sources mostly fail."""
    monkeypatch.setenv("PLANTED", SECRETS["mail-password-of-the-environment"])
    with Stage(SOURCES, CLAIM.replace("id: off", "alert: {to: [desk-mail, newsroom-hook]}\nid: off")) as stage:
        (stage.folder / "password").write_text(SECRETS["mail-password-of-a-file"])
        ports = {"mail": stage.mail.hello["port"], "hook": stage.hook.hello["port"], "folder": stage.folder}
        signed = {"signing": signing("signing-secret"), "old-signing": signing("old-signing-secret")}
        settings, sources = stage.folder / "watcher.toml", stage.folder / "rules" / "sources.yaml"
        settings.write_text(settings.read_text() + CHANNELS.format_map(SECRETS | ports | signed))
        origin = stage.origin.hello["port"]
        more = SOURCE.format(id="interface", port=origin) + SOURCE.format(id="dead-interface", port=9)
        sources.write_text(sources.read_text() + more)
        yield stage


def forms(secret: str) -> set[bytes]:
    """A secret as it is, and as it goes over the wire."""
    plain = secret.encode()
    return {plain, base64.b64encode(plain)[:-4], base64.b64encode(plain.ljust(24, b"-"))[:-4]}


def found(text: bytes) -> list[str]:
    return [name for name, secret in SECRETS.items() if any(form in text for form in forms(secret))]


FAILING = ("login", "environment", "file", "refused", "dead")


def told(stage: Stage) -> dict[str, bytes]:
    """What the service and the commands say when they are asked."""
    said = {f"send-test {name}": repr(stage.service.ask("send_test", name=name)).encode() for name in FAILING}
    for command in ("status", "outbox", "alerts"):
        done = subprocess.run(
            [*WATCHER, command], cwd=stage.folder, env=os.environ | {"PYTHONPATH": IMPORTED_FROM},
            capture_output=True, check=False, timeout=60,
        )  # fmt: skip
        assert done.returncode == 0
        said[command] = done.stdout + done.stderr
    return said


def command_lines() -> bytes:
    """What ``ps`` shows to everyone on this machine."""
    lines = b""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            lines += path.read_bytes()
        except OSError:
            continue
    return lines


@pytest.mark.scenario("Z6")
def test_no_planted_secret_comes_out_anywhere(stage: Stage) -> None:
    first_poll(stage)
    said = told(stage)
    assert "401" in said["send-test refused"].decode()
    shown = command_lines()
    stage.publish(CITY, transfer(3), transfer(2), calls_for=[signs.alert(transfer(3).link)])
    stage.service.restart()
    assert stage.wait(stage.all_told, 40), stage.account()
    assert stage.service.close() == 0
    kept = {
        str(path.relative_to(stage.folder)): path.read_bytes()
        for path in (stage.folder / ".watcher").rglob("*")
        if path.is_file()
    }
    places = kept | said | {"log": stage.service.log.read_bytes(), "ps": shown}
    assert {place: found(text) for place, text in places.items() if found(text)} == {}
    assert len(stage.service.log.read_bytes()) > 2000
    assert any(name.endswith(".sqlite") for name in kept)


def test_a_secret_would_be_found() -> None:
    for name, secret in SECRETS.items():
        assert found(f"before {secret} after".encode()) == [name]
        assert name in found(b"basic " + base64.b64encode(secret.encode()))
    assert found(signing("signing-secret").encode()) == ["signing-secret"]
