"""A machine with a real systemd, a container on an overlay of this one, on which the real unit is installed."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from running import CLAIM, feed

HERE = Path(__file__).parent
CHECKOUT = HERE.parent.parent
UNIT = CHECKOUT / "systemd" / "watcher.service"

SECRET = f"whsec_{base64.b64encode(b'a secret of thirty-two bytes....').decode()}"
DESK = 4321
"""The group whose people may use the control socket."""
WATCHDOG = 10

FILES = {
    "etc/watcher/watcher.toml": """\
[fetch]
allow_private = ["127.0.0.1"]
[deliver]
allow_private = ["127.0.0.1"]
[channels.hook]
kind = "webhook"
url = "http://127.0.0.1:8000/hook"
secret = "credential:webhook-secret"
""",
    "etc/watcher/rules/sources.yaml": """\
watch: 1
sources:
  - {id: paper, kind: feed, url: 'http://127.0.0.1:8000/feed', every: 1s, text_from: feed}
""",
    "etc/watcher/rules/claims/ice.yaml": CLAIM,
    "etc/systemd/system/watcher.service.d/test.conf": f"""\
[Service]
WatchdogSec={WATCHDOG}
RestartSec=1
Group=newsdesk
""",
    "etc/systemd/system/newsroom.service": f"""\
[Service]
ExecStart=/opt/watcher/bin/python /srv/newsroom.py /srv {SECRET}
""",
    "etc/systemd/system/probe.service.d/test.conf": """\
[Service]
Type=oneshot
ExecStart=
ExecStart=/opt/watcher/bin/python /srv/probe.py /srv/mutant.py
ExecReload=
Restart=no
WatchdogSec=0
StateDirectory=
StateDirectory=probe
RuntimeDirectory=
RuntimeDirectory=probe
""",
    "opt/watcher/pyvenv.cfg": "home = /opt/python/bin\n",
    "opt/watcher/bin/watcher": "#!/opt/watcher/bin/python\nfrom watcher.cli import main\nmain()\n",
    "etc/ld.so.conf.d/python.conf": "/opt/python/lib\n",
    "srv/feed.xml": feed("Council meets").decode(),
}


@dataclass
class Machine:
    """The container, looked at from outside."""

    leader: int

    def run(self, *command: str, check: bool = True) -> str:
        """Run a command in it as root; gives what it said."""
        inside = ["nsenter", "-t", str(self.leader), "-m", "-u", "-i", "-n", "-p", "-C", "--", *command]
        done = subprocess.run(
            inside,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C"},
        )
        if check and done.returncode != 0:
            raise AssertionError(f"{command} ended with {done.returncode}: {done.stdout}{done.stderr}")
        return done.stdout if check else f"{done.returncode} {done.stdout}{done.stderr}"

    def show(self, unit: str = "watcher") -> dict[str, str]:
        """What systemd knows of a unit."""
        return dict(line.split("=", 1) for line in self.run("systemctl", "show", unit).splitlines())

    def write(self, path: str, text: str) -> None:
        self.run("sh", "-c", 'printf %s "$2" > "$1"', "sh", path, text)

    def python(self, code: str, *, group: int, check: bool = True) -> str:
        """Run code as somebody who is nobody but a member of this group."""
        someone = ["setpriv", "--reuid=65534", f"--regid={group}", "--clear-groups", "--inh-caps=-all"]
        return self.run(*someone, "/opt/watcher/bin/python", "-c", code, check=check)

    def status(self) -> dict[str, Any]:
        """What `sudo watcher status` says."""
        told: dict[str, Any] = json.loads(self.run("/usr/local/bin/watcher", "status", "--json"))
        return told

    def received(self) -> list[Mapping[str, Any]]:
        """The messages that the webhook has taken."""
        return [json.loads(line) for line in self.run("sh", "-c", "cat /srv/received || true").splitlines()]

    def wait(self, true: Callable[[], Any], what: str, *, seconds: float = 30) -> float:
        """Wait for something; gives how long it took."""
        began = time.monotonic()
        while not true():
            if time.monotonic() - began > seconds:
                journal = self.run("journalctl", "-u", "watcher", "-n", "40", "--no-pager", "-o", "cat")
                raise AssertionError(
                    f"after {seconds} s it is still not so that {what}; {self.show()['StatusText']}; {journal}"
                )
            time.sleep(0.1)
        return time.monotonic() - began


@pytest.fixture
def watchdog() -> int:
    """Seconds of silence after which systemd acts."""
    return WATCHDOG


@pytest.fixture(scope="session")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """Booted once, with the unit installed and the service ready."""
    if os.geteuid() != 0:
        pytest.skip("only root can boot a container")
    for tool in ("systemd-nspawn", "unshare", "nsenter", "setpriv"):
        if shutil.which(tool) is None:
            pytest.skip(f"there is no {tool} here: apt-get install systemd-container")
    folder = tmp_path_factory.mktemp("machine")
    prepare(folder / "prepared")
    (folder / "base").mkdir()
    name = f"watcher-{os.getpid()}"
    with control_groups(name) as groups, (folder / "console").open("wb") as console:
        boot = command(folder, name, groups)
        nspawn = subprocess.Popen(boot, stdin=subprocess.DEVNULL, stdout=console, stderr=subprocess.STDOUT)
        try:
            booted = Machine(leader(nspawn, folder / "console"))
            booted.run("systemctl", "start", "newsroom", "watcher")
            yield booted
        finally:
            nspawn.terminate()
            nspawn.wait()


@contextmanager
def control_groups(name: str) -> Iterator[list[Path]]:
    """Of its own: two machines in the same one would end each other's processes."""
    trees = [Path("/sys/fs/cgroup", tree) for tree in ("", "systemd", "unified")]
    groups = [tree / name for tree in trees if (tree / "cgroup.procs").exists()]
    for group in groups:
        group.mkdir()
    yield groups
    for group in groups:
        for folder in sorted([group, *group.rglob("*/")], reverse=True):
            if folder.is_dir():
                folder.rmdir()


def command(folder: Path, name: str, groups: list[Path]) -> list[str]:
    # also when the tests are killed, the machine gets its signal
    alone = ["setpriv", "--pdeathsig", "TERM", "unshare", "--mount", "--propagation", "private"]
    given = [folder / "base", folder / "prepared", sys.base_prefix, sysconfig.get_paths()["purelib"], CHECKOUT, name]
    return [*alone, "sh", str(HERE / "boot.sh"), *map(str, [*given, *groups])]


def prepare(root: Path) -> None:
    """Write what a person would install, and what the tests need beside it."""
    for name, text in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    for name, source in {
        "etc/systemd/system/watcher.service": UNIT,
        "etc/systemd/system/probe.service": UNIT,
        "usr/local/bin/watcher": UNIT.with_name("watcher.sh"),
        "srv/newsroom.py": HERE / "newsroom.py",
        "srv/probe.py": HERE / "probe.py",
        "srv/mutant.py": HERE.parent / "reading" / "mutant.py",
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, root / name)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    (root / "opt/watcher/lib" / version / "site-packages").mkdir(parents=True)
    (root / "opt/watcher/bin/watcher").chmod(0o755)
    (root / "opt/watcher/bin/python").symlink_to(f"/opt/python/bin/{version}")
    (root / "opt/python").mkdir()
    (root / "etc/group").write_text(f"{Path('/etc/group').read_text()}newsdesk:x:{DESK}:\n")
    (root / "var/lib/open").mkdir(parents=True)
    (root / "var/lib/open").chmod(0o777)
    store = root / "etc/credstore"
    store.mkdir(mode=0o700)
    for name, secret in {"watcher.webhook-secret": SECRET, "other.secret": "not for watcher"}.items():
        (store / name).write_text(secret)
        (store / name).chmod(0o600)


def leader(nspawn: subprocess.Popen[bytes], console: Path) -> int:
    """The process id of the container's first process, once its systemd is up."""
    until = time.monotonic() + 60
    while time.monotonic() < until and nspawn.poll() is None:
        children = Path(f"/proc/{nspawn.pid}/task/{nspawn.pid}/children").read_text().split()
        if children:
            state = Machine(int(children[0])).run("systemctl", "is-system-running", check=False)
            if "running" in state or "degraded" in state:
                return int(children[0])
        time.sleep(0.1)
    raise AssertionError(f"the container did not boot: {console.read_text(errors='replace')}")
