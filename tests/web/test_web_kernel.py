"""The kernel's own count of connections that were begun, in a network of the test's making where all addresses lead."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys

import pytest
from conftest import ROOT
from web.test_web_addresses import FORBIDDEN

NETWORK = """
ip link set lo up
ip route add default dev lo
ip -6 route add default dev lo
exec "$@"
"""
VISITS = """
import json, sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from watcher.model import FetchError
from watcher.web import Web

def begun():
    lines = Path("/proc/self/net/snmp").read_text().splitlines()
    names, counts = (line.split() for line in lines if line.startswith("Tcp:"))
    return int(counts[names.index("ActiveOpens")])

hosts, allowed = json.load(sys.stdin)
web = Web(
    user_agent="test",
    clock=lambda: datetime.now(UTC),
    allow_private=allowed,
    spacing=timedelta(0),
    deadline=timedelta(seconds=1),
)
for host in hosts:
    for url in (f"http://{host}/", f"http://{host}:8080/latest/"):
        for visit in (web.get, lambda url: web.post(url, content=b"x", headers={})):
            try:
                visit(url)
            except FetchError:
                pass
web.close()
print(begun())
"""


def begun(hosts: list[str], allowed: list[str]) -> int:
    """How many connections were begun on visits to these."""
    if os.geteuid() or not all(map(shutil.which, ("unshare", "ip"))):
        pytest.skip("a network of its own needs root, unshare and ip")
    done = subprocess.run(
        ["unshare", "--net", "sh", "-ec", NETWORK, "sh", sys.executable, "-c", VISITS], check=False, timeout=100,
        input=json.dumps([hosts, allowed]), env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True,
    )  # fmt: skip
    if "not permitted" in done.stderr:
        pytest.skip(f"no network of its own here: {done.stderr.strip()}")
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


@pytest.mark.scenario("Z1")
def test_the_kernel_sees_no_connection_to_any_form_of_a_private_address() -> None:
    numbers = [host for host in FORBIDDEN if host.isascii()]  # other forms ask a name service, which is not there
    assert begun(numbers, []) == 0


@pytest.mark.scenario("Z1")
def test_the_kernel_would_see_one() -> None:
    assert begun(["127.0.0.1", "[::1]", "10.0.0.1"], ["0.0.0.0/0", "::/0"]) >= 10
