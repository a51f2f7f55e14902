"""The unit file as it is shipped."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from watcher.settings import Settings

SHIPPED = Path(__file__).parents[2] / "systemd"


@pytest.mark.scenario("Z8")
@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd-analyze here")
def test_the_unit_exposes_little() -> None:
    told = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", SHIPPED / "watcher.service"],
        capture_output=True,
        text=True,
        check=True,
    )
    (score,) = re.findall(r"Overall exposure level for watcher.service: ([0-9.]+)", told.stdout)
    assert float(score) <= 1.5


def test_the_settings_that_are_shipped_are_settings() -> None:
    text = (SHIPPED / "watcher.toml").read_text()
    Settings(**tomllib.loads(text))
    uncommented = "\n".join(re.sub(r"^# (\[|\w+ = )", r"\1", line) for line in text.splitlines())
    assert set(Settings(**tomllib.loads(uncommented)).channels) == {"desk-mail", "newsroom-hook"}


def test_every_credential_of_the_settings_is_loaded_by_the_unit() -> None:
    wanted = set(re.findall(r'"credential:([a-z-]+)"', (SHIPPED / "watcher.toml").read_text()))
    loaded = set(re.findall(r"^LoadCredential=([a-z-]+):", (SHIPPED / "watcher.service").read_text(), re.MULTILINE))
    assert wanted == loaded
