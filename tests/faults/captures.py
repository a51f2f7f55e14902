"""Real feeds, served from loopback and polled by the real pipeline: what it made of each of them.

Everything is as in the service but for two things: the visits to one host are not spaced, or a hundred versions of a
feed would take minutes; and it is ticked from here, so that it is known when a round of visits is over.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import structlog
from faults.origin import address
from faults.remote import Remote
from sqlalchemy import func, select, update

from storage import items, leases, sources
from storage.tables import item, revision, source
from watcher import app
from watcher.app import App
from watcher.clock import utc_now
from watcher.daemon import commands
from watcher.settings import FetchSettings, RulesSettings, Settings
from watcher.web import Crawler, Web

HOSTS = 64
CLAIM = """\
watch: 1
id: nothing
claim: {claimReviewed: Nothing that is said anywhere, rating: No evidence}
rules:
  never: {when: 'zzyzxzzyzx'}
"""


@dataclass(frozen=True, slots=True)
class Capture:
    """One feed, in one or more versions."""

    id: str
    versions: tuple[Path, ...]

    @property
    def name(self) -> str:
        """Where the first version lies."""
        return "/".join(self.versions[0].parts[-2:])

    @property
    def content_type(self) -> str:
        """As a server would guess it."""
        return "application/feed+json" if self.versions[0].suffix == ".json" else "application/xml"


@dataclass(frozen=True, slots=True)
class Kept:
    """How much of a source is stored."""

    items: int
    revisions: int


def feeds(data: Path) -> list[Capture]:
    """Every single feed that was captured."""
    files = sorted(path for path in (data / "feeds").rglob("*") if path.is_file() and path.suffix != ".jsonl")
    return [Capture(f"feed-{number}", (path,)) for number, path in enumerate(files, start=1)]


def series(data: Path) -> list[Capture]:
    """Every feed that was captured again and again."""
    folders = sorted(path for path in (data / "feeds_series").iterdir() if path.is_dir())
    return [Capture(f"series-{_id(folder.name)}", tuple(sorted(folder.iterdir()))) for folder in folders]


def suite(data: Path) -> list[Capture]:
    """The cases of feedparser's own tests."""
    files = sorted((data / "suites" / "feedparser" / "tests").rglob("*.xml"))
    return [Capture(f"case-{number}", (path,)) for number, path in enumerate(files, start=1)]


class Passage:
    """The captures on their way through the pipeline."""

    def __init__(self, service: App, origin: Remote, captures: Sequence[Capture], logs: list[Any]) -> None:
        self.captures = captures
        self._service = service
        self._origin = origin
        self._logs = logs

    def show(self, captures: Iterable[Capture], *, version: int = 0, behind: str = "") -> None:
        """Serve a version of these from now on, with something ``behind`` its last byte."""
        for capture in captures:
            self._origin.order(
                order="publish",
                page=capture.id,
                file=str(capture.versions[version]),
                body=behind,
                content_type=capture.content_type,
            )

    def poll(self, captures: Iterable[Capture]) -> None:
        """Visit each of these once."""
        names = [capture.id for capture in captures]
        commands.poll_now(self._service.database, self._service.clock, names=names)
        pipeline = self._service.pipeline
        while self._is_waiting() or pipeline.polls.in_hand():
            pipeline.tick()
            time.sleep(0.01)
        pipeline.tick()  # settles what was unchanged

    def added(self, one: Capture) -> list[int]:
        """Visit a series version by version; gives how many items each has added."""
        counts = [0]
        for version in range(len(one.versions)):
            self.show([one], version=version)
            self.poll([one])
            counts.append(self.kept()[one.id].items)
        return [after - before for before, after in pairwise(counts)]

    def forget_fingerprints(self) -> None:
        """Have every entry read again from its words, as after a change of its raw form."""
        with self._service.database.write() as connection:
            connection.execute(update(source).values(fingerprints=b"", body_hash=None))

    def kept(self) -> Mapping[str, Kept]:
        """By the id of the capture."""
        query = (
            select(source.c.name, func.count(item.c.id.distinct()), func.count(revision.c.id))
            .join_from(source, item, item.c.source_id == source.c.id)
            .join(revision, revision.c.item_id == item.c.id)
            .group_by(source.c.name)
        )
        with self._service.database.read() as connection:
            found = {row[0]: Kept(row[1], row[2]) for row in connection.execute(query)}
        return {capture.id: found.get(capture.id, Kept(0, 0)) for capture in self.captures}

    def stored(self) -> list[items.StoredItem]:
        """Every item with its newest revision."""
        with self._service.database.read() as connection:
            return list(items.page(connection, after=0, limit=1_000_000))

    def states(self) -> Mapping[str, sources.PollHistory]:
        """The row of each source, by the id of the capture."""
        with self._service.database.read() as connection:
            return {row.name: row for row in sources.all_sources(connection)}

    def troubles(self) -> list[Any]:
        """Exceptions that were caught, and reading processes that were lost."""
        return [event for event in self._logs if event["event"] in ("work failed", "reading process replaced")]

    def _is_waiting(self) -> bool:
        with self._service.database.read() as connection:
            return leases.waiting(connection, leases.SOURCES, now=self._service.clock())


@contextmanager
def passage(captures: Sequence[Capture], folder: Path) -> Iterator[Passage]:
    """Serve captures, and open a service in an empty folder that has them all for its sources."""
    origin = Remote("faults.origin", str(folder / "origin.log"), str(HOSTS))
    _write_rules(folder / "rules", captures, origin.hello["port"])
    settings = Settings(
        state=folder / "state",
        rules=RulesSettings(directory=folder / "rules"),
        fetch=FetchSettings(threads=16, allow_private=("127.0.0.0/8",)),
    )
    web = Web(user_agent="watcher-tests", clock=utc_now, allow_private=["127.0.0.0/8"], spacing=timedelta(0))
    try:
        with structlog.testing.capture_logs() as logs, app.opened(settings) as service:
            service.pipeline.fetchers = app.build_fetchers(settings, web, Crawler(web, utc_now), service.reader)
            yield Passage(service, origin, captures, logs)
    finally:
        web.close()
        origin.close()


def without_words(rows: Iterable[items.StoredItem]) -> list[items.StoredItem]:
    """Items that neither a person nor a rule could do anything with."""
    return [row for row in rows if not (row.title or row.link or row.summary or row.body)]


def _write_rules(folder: Path, captures: Sequence[Capture], port: int) -> None:
    (folder / "claims").mkdir(parents=True)
    (folder / "claims" / "nothing.yaml").write_text(CLAIM)
    lines = [
        f'  - {{id: {capture.id}, kind: feed, url: "http://{address(number % HOSTS)}:{port}/{capture.id}", '
        "every: 7d, text_from: feed}"
        for number, capture in enumerate(captures)
    ]
    (folder / "sources.yaml").write_text("\n".join(["watch: 1", "sources:", *lines, ""]))


def _id(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower())
