"""Everything a fault test needs, on loopback: sites, a mail server, a webhook receiver, and the real daemon among them.

Each is a process of its own. What the sites were told to publish, and which messages that calls for, stands in one
log, what the receivers were shown in others; `Stage.verdict` has the judge join them.
"""

from __future__ import annotations

import base64
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Self
from xml.sax.saxutils import escape

from faults import checker, journal
from faults.checker import Verdict, What
from faults.journal import Record
from faults.origin import address
from faults.remote import Remote
from faults.service import WATCHER, Service
from faults.signs import Sign

DESK, NIGHT, HOOK = "desk@example.org", "night@example.org", "hook"
DESTINATIONS = (DESK, NIGHT, HOOK)
"""Two recipients of one mail channel, and the receiver of webhooks."""

SETTINGS = """\
[operator]
contact = "desk@example.org"

[fetch]
allow_private = ["127.0.0.0/8"]

[deliver]
allow_private = ["127.0.0.0/8"]

[channels.desk-mail]
kind = "mail"
host = "{host}"
port = {mail}
sender = "watcher@example.org"
to = ["{desk}", "{night}"]
retry = [3, 3, 3, 3]

[channels.newsroom-hook]
kind = "webhook"
url = "http://{host}:{hook}/"
secret = "{secret}"
"""


@dataclass(frozen=True, slots=True)
class Story:
    """One item of a feed."""

    link: str
    title: str
    summary: str = ""


def rss(stories: Iterable[Story]) -> str:
    """A feed of these stories, all published now."""
    now = format_datetime(datetime.now(UTC))
    items = "".join(
        f"<item><guid>{escape(one.link)}</guid><link>{escape(one.link)}</link><title>{escape(one.title)}</title>"
        f"<description>{escape(one.summary)}</description><pubDate>{now}</pubDate></item>\n"
        for one in stories
    )
    return f'<?xml version="1.0"?>\n<rss version="2.0"><channel><title>News</title>\n{items}</channel></rss>\n'


class Stage:
    """The newsroom of a test. Entered with all parts running but the daemon, which `service` starts."""

    def __init__(self, sources: Mapping[str, Sequence[str]], claim: str, command: Sequence[str] = WATCHER) -> None:
        """``sources`` gives the tags of each; ``claim`` is the text of a claim file."""
        self._sources = sources
        self._claim = claim
        self._command = command

    def __enter__(self) -> Self:
        # not pytest's folder: the path of a socket has at most 107 characters
        self._home = tempfile.TemporaryDirectory(prefix="newsroom-")
        self.folder = Path(self._home.name)
        secret = f"whsec_{base64.b64encode(bytes(range(32))).decode()}"
        self.origin = Remote("faults.origin", str(self.folder / "origin.log"), str(len(self._sources)))
        self.mail = Remote("faults.mail_sink", str(self.folder / "mail.log"))
        self.hook = Remote("faults.hook_sink", str(self.folder / "hook.log"), HOOK, secret)
        self._origin_log = journal.Reader(self.folder / "origin.log")
        self._sink_logs = [journal.Reader(self.folder / "mail.log"), journal.Reader(self.folder / "hook.log")]
        self.published: list[Record] = []
        self.arrived: list[Record] = []
        self._looked = 0
        self._write_files(secret)
        self.service = Service(self.folder, self._command)
        return self

    def __exit__(self, *_: object) -> None:
        self.service.close()
        for process in (self.origin, self.mail, self.hook):
            process.close()
        self._home.cleanup()

    # ------------------------------------------------------------------------------ what happens outside

    def publish(self, source: str, *stories: Story, calls_for: Iterable[Sign] = ()) -> str:
        """Have a source show these from now on; gives the validator of that version."""
        etag: str = self.origin.order(order="publish", page=source, body=rss(stories), calls_for=list(calls_for))
        return etag

    def break_down(self, source: str, fault: str, calls_for: Iterable[Sign] = ()) -> None:
        """Have a source answer with this status from now on."""
        self.origin.order(order="break", page=source, fault=fault, calls_for=list(calls_for))

    def mend(self, source: str, calls_for: Iterable[Sign] = ()) -> None:
        """Have a source answer properly again."""
        self.origin.order(order="mend", page=source, calls_for=list(calls_for))

    # ------------------------------------------------------------------------------ what can be seen of it

    def look(self) -> list[Record]:
        """What the receivers were shown since the last look, in its order."""
        self._follow()
        seen, self._looked = self._looked, len(self.arrived)
        return sorted(self.arrived[seen:], key=lambda record: str(record["at"]))

    def visits(self) -> list[Record]:
        """Every visit to a source so far."""
        self._follow()
        return list(journal.of_kind(self.published, "asked"))

    def verdict(self) -> Verdict:
        """What the judge says of everything so far."""
        self._follow()
        calls = checker.called_for(self.published)
        return checker.check(calls, DESTINATIONS, checker.received(self.arrived), self.service.crashes)

    def all_told(self) -> bool:
        """Whether everything that was called for was accepted everywhere."""
        absent = {What.MISSED, What.LOST}
        return not any(finding.what in absent for finding in self.verdict().findings)

    def answers(self) -> list[str]:
        """What the receivers said to each message so far, or did instead."""
        self._follow()
        return [record["answer"] for record in self.arrived]

    def has_shown(self, source: str, etag: str) -> bool:
        """Whether the daemon was given a version, whatever it made of it."""
        return any(visit["page"] == source and visit["shown"] == etag for visit in self.visits())

    def has_kept(self, source: str, etag: str) -> bool:
        """Whether the daemon has echoed the validator of a version, by which it says that it has kept it."""
        return any(visit["page"] == source and visit["echoed"] == etag for visit in self.visits())

    def wait(self, condition: Callable[[], bool], within: float, meanwhile: Callable[[], None] = lambda: None) -> bool:
        """Wait for a condition, doing something all the while; whether it came true in time.

        Raises RuntimeError when the daemon has ended by itself, for then nothing more will come true.
        """
        end = time.monotonic() + within
        while not condition():
            if self.service.collapsed():
                raise RuntimeError(f"the service has ended by itself\n{self.account()}")
            if time.monotonic() > end:
                return False
            meanwhile()
            time.sleep(0.1)
        return True

    def account(self) -> str:
        """What the judge found, and what the daemon said at last."""
        verdict = self.verdict()
        said = self.service.log.read_text().splitlines()[-40:]
        return "\n".join([*map(str, verdict.findings), str(verdict), "", *said])

    def _follow(self) -> None:
        self.published += self._origin_log.new()
        self.arrived += [record for log in self._sink_logs for record in log.new()]

    def _write_files(self, secret: str) -> None:
        """Settings, claim and sources; no source sends its reader to the pages behind its items, which do not exist."""
        words = {"host": address(0), "desk": DESK, "night": NIGHT, "secret": secret}
        ports = {"mail": self.mail.hello["port"], "hook": self.hook.hello["port"]}
        (self.folder / "rules" / "claims").mkdir(parents=True)
        (self.folder / "watcher.toml").write_text(SETTINGS.format(**words, **ports))
        (self.folder / "rules" / "claims" / "claim.yaml").write_text(self._claim)
        port = self.origin.hello["port"]
        sources = [
            f'  - {{id: {name}, kind: feed, url: "http://{address(number)}:{port}/{name}", '
            f"tags: [{', '.join(tags)}], every: 1s, text_from: feed}}\n"
            for number, (name, tags) in enumerate(self._sources.items())
        ]
        (self.folder / "rules" / "sources.yaml").write_text("watch: 1\nsources:\n" + "".join(sources))
