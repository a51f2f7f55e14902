"""A small world for the pipeline: real database, real rules, real messages; sources and channels of our own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from conftest import StandingClock

from storage import alerts
from storage.alerts import Alert
from storage.database import Database
from storage.leases import Lease
from storage.sources import SourceState
from watcher.channels.channel import Schedule
from watcher.fetchers.canary_source import CanaryFetcher
from watcher.fetchers.feed import FeedOptions
from watcher.jobs.digests import Digests
from watcher.jobs.health import Health
from watcher.jobs.proofs import Proofs
from watcher.model import (
    Attached,
    Claim,
    DeliveryError,
    Entry,
    Envelope,
    Evidence,
    FetchError,
    Memory,
    MessageKind,
    Reading,
    Reason,
    Source,
)
from watcher.pipeline.judgement import Judgement
from watcher.pipeline.learning import Teacher
from watcher.pipeline.live import Live, RuleFolder
from watcher.pipeline.pages import PageReader
from watcher.pipeline.pipeline import Pipeline
from watcher.pipeline.rules_in_force import Rules
from watcher.reading.results import Article, PdfText
from watcher.rulebook import Rulebook, load
from watcher.schedule import QuietHours
from watcher.source_options import SourceOptions
from watcher.web import Response

SOURCES = """\
watch: 1
sources:
  - {id: city, kind: fake, url: "https://city.example.org/notices", tags: [official], every: 10m}
  - {id: paper, kind: fake, url: "https://paper.example.org/feed", tags: [press], every: 10m}
"""

CLAIM = """\
watch: 1
id: officers-to-ice
claim: {claimReviewed: Minneapolis police officers quit to join ICE, rating: No evidence}
rules:
  transfer:
    asks: Does this name officers who left for ICE?
    bearing: against-verdict
    priority: urgent
    when: 'officer* and ICE'
  vacancies:
    priority: digest
    when: 'vacanc*'
unless:
  weather: '"ice storm"'
"""


class FakeOptions(SourceOptions):
    """A fake source needs no options."""


KINDS: dict[str, type[SourceOptions]] = {"fake": FakeOptions, "feed": FeedOptions}


class FakeFetcher:
    """Shows what each source was last given, or fails as it was told to."""

    def __init__(self) -> None:
        self.pages: dict[str, Sequence[Entry]] = {}
        self.faults: dict[str, FetchError] = {}
        self.visits: list[tuple[str, Memory]] = []
        self.addresses: list[str] = []
        self.moves: dict[str, str] = {}
        """Where a source says that it has moved for good."""
        self.gives_evidence = False

    def fetch(self, source: Source, memory: Memory) -> Reading:
        self.visits.append((source.id, memory))
        self.addresses.append(source.url)
        if source.id in self.faults:
            raise self.faults[source.id]
        entries, moved_to = tuple(self.pages.get(source.id, ())), self.moves.get(source.url, "")
        body_hash = repr(entries).encode()
        if memory.body_hash == body_hash:
            return Reading(memory=memory, unchanged=True, moved_to=moved_to)
        seen = Evidence(
            what=source.kind,
            url=source.url,
            status=200,
            headers=(("Content-Type", "application/rss+xml"), ("Content-Encoding", "gzip")),
            body=body_hash,
            fetched_at=datetime(2026, 1, 20, 12, tzinfo=UTC),
        )
        memory = Memory(etag=b'"1"', body_hash=body_hash)
        return Reading(
            entries=entries,
            total=len(entries),
            memory=memory,
            evidence=(seen,) if self.gives_evidence else (),
            moved_to=moved_to,
        )


class FakePages:
    """The pages behind items, by address, and the reading of them; what is no page is raised."""

    def __init__(self) -> None:
        self.texts: dict[str, Article | PdfText | FetchError] = {}
        self.asked: list[str] = []
        self.meanwhile: Callable[[], None] = lambda: None
        """What happens while a page is on its way."""

    def say(self, link: str, text: str, *, blocked: str = "", attached: Sequence[str] = ()) -> None:
        """From now on this page says this, and links to these documents, which are called Paper 1 and so on."""
        documents = (Attached(url=url, name=f"Paper {number}") for number, url in enumerate(attached, 1))
        self.texts[link] = Article(text=text, blocked=blocked, attached=tuple(documents))

    def get(self, url: str, *, accept: str = "*/*") -> Response:
        self.asked.append(url)
        self.meanwhile()
        article = self.texts.get(url, FetchError(Reason.ADDRESS_UNKNOWN, "no such host"))
        if isinstance(article, FetchError):
            raise article
        is_paper = isinstance(article, PdfText)
        return Response(
            status=200,
            url=url,
            headers=((b"Content-Type", b"application/pdf" if is_paper else b"text/html"), (b"Set-Cookie", b"a=b")),
            body=f"%PDF-{url}".encode() if is_paper else article.text.encode(),
            etag=None,
            last_modified=None,
            hold=None,
            fetched_at=datetime(2026, 1, 20, 12, tzinfo=UTC),
        )

    def read_article(self, body: bytes, *, url: str, content_type: str) -> Article:
        article = self.texts[url]
        assert isinstance(article, Article)
        return article

    def read_pdf(self, body: bytes) -> PdfText:
        paper = self.texts[body.decode().removeprefix("%PDF-")]
        assert isinstance(paper, PdfText)
        return paper


class FakeChannel:
    """Keeps what it was handed, or refuses as it was told to."""

    schedule: Schedule = (timedelta(minutes=1), timedelta(minutes=5))
    quiet: QuietHours | None = None
    spacing = timedelta(0)

    def __init__(self, name: str, *destinations: str) -> None:
        self.name = name
        self._destinations = destinations or (f"{name}@example.org",)
        self.sent: list[Envelope] = []
        self.faults: list[DeliveryError] = []

    def destinations(self) -> tuple[str, ...]:
        return self._destinations

    def send(self, envelope: Envelope) -> None:
        if self.faults:
            raise self.faults.pop(0)
        self.sent.append(envelope)


class InlinePool:
    """Does the work at once, in the thread that hands it out."""

    size = 100

    def __init__(self) -> None:
        self.held: list[Lease] = []

    def room(self) -> int:
        return self.size

    def submit(self, work: Callable[[Lease], None], lease: Lease) -> None:
        work(lease)

    def renew(self, before: datetime, *, until: datetime) -> list[Lease]:
        return []

    def in_hand(self) -> list[Lease]:
        return self.held


@dataclass
class World:
    """The service without its threads: `step` is one tick and what follows from it."""

    database: Database
    clock: StandingClock
    files: dict[str, str] = field(default_factory=lambda: {"sources.yaml": SOURCES, "claims/ice.yaml": CLAIM})
    fetcher: FakeFetcher = field(default_factory=FakeFetcher)
    pages: FakePages = field(default_factory=FakePages)
    channels: dict[str, FakeChannel] = field(default_factory=lambda: {"desk": FakeChannel("desk")})

    def __post_init__(self) -> None:
        book = self.load()
        self.teacher = Teacher(self.database, self.clock)
        self.rules = RuleFolder(None, KINDS, self.channels, self.database, self.clock)  # type: ignore[arg-type]  # no folder: the files are text here
        self.pipeline = Pipeline(
            database=self.database,
            clock=self.clock,
            live=self.live(book),
            fetchers={"fake": self.fetcher, "canary": CanaryFetcher(self.clock)},
            channels=self.channels,
            page_reader=PageReader(self.pages, self.pages),
            pages=InlinePool(),  # type: ignore[arg-type]  # a pool without threads
            polls=InlinePool(),  # type: ignore[arg-type]  # a pool without threads
            deliveries=InlinePool(),  # type: ignore[arg-type]  # a pool without threads
            zone=ZoneInfo("America/Chicago"),
        )
        self.digests = Digests(self.database, self.clock, self.recipients, time(8), ZoneInfo("UTC"))
        self.proofs = Proofs(self.database, self.clock, self.recipients)
        self.health = Health(self.database, self.clock, self.operators, self.recipients)
        self.go_live(book)

    def load(self) -> Rulebook:
        return load(self.files, KINDS, self.channels.keys())

    def go_live(self, book: Rulebook) -> None:
        self.rules.adopt(book)
        live = self.live(book)
        self.pipeline.go_live(live)
        self.digests.catch_up(live.rules)

    def live(self, book: Rulebook) -> Live:
        taught = self.teacher.taught(book)
        self.teacher.keep(taught)
        judgement = Judgement.learnt(self.database, book.claims)
        return Live(rules=Rules(book, taught.ranker), judgement=judgement, recipients=self.recipients)

    def operators(self) -> list[tuple[str, str]]:
        return [(name, to) for name, channel in self.channels.items() for to in channel.destinations()]

    def recipients(self, claim: Claim) -> list[tuple[str, str]]:
        names = claim.alert_to or tuple(self.channels)
        return [(name, to) for name in names for to in self.channels[name].destinations()]

    def show(self, source: str, *entries: Entry) -> None:
        """From now on the source shows these."""
        self.fetcher.pages[source] = entries

    def step(self, **later: float) -> None:
        """Let time pass, then tick twice: once for what is due, once for what came of it."""
        if later:
            self.clock.advance(**later)
        self.pipeline.tick()
        self.digests.announce(self.pipeline.live.rulebook)
        self.digests.tell_floods(self.pipeline.live.rulebook)
        self.proofs.tell(self.pipeline.live.rulebook)
        self.pipeline.tick()

    @property
    def sent(self) -> list[Envelope]:
        """What was said, but for the weekly proofs of life."""
        everything = [envelope for channel in self.channels.values() for envelope in channel.sent]
        return [envelope for envelope in everything if envelope.message.kind is not MessageKind.PROOF]

    def kinds(self) -> list[str]:
        return [str(envelope.message.kind) for envelope in self.sent]

    def alerts(self) -> list[Alert]:
        with self.database.read() as connection:
            return alerts.recent(connection, limit=100)

    def source(self, name: str) -> SourceState:
        from storage import sources

        with self.database.read() as connection:
            known = next(row for row in sources.all_sources(connection) if row.name == name)
            return sources.get(connection, known.id)


def story(number: int = 1, **changes: Any) -> Entry:
    """An entry that matches nothing unless changed to."""
    entry = Entry(
        guid=f"story-{number}",
        link=f"https://paper.example.org/{number}",
        title=f"Council meets for the {number}th time",
        summary=f"Report {number} was heard.",
        published=datetime(2026, 1, 19, tzinfo=UTC),
    )
    return replace(entry, **changes)


def read_once(database: Database, clock: StandingClock) -> World:
    """A world whose two sources were read once, with nothing sent that anybody looks at."""
    made = World(database, clock)
    made.show("city", story(1))
    made.show("paper", story(2))
    made.step()
    made.channels["desk"].sent.clear()
    return made


def transfer(number: int = 50, **changes: Any) -> Entry:
    """An entry that the urgent rule hits."""
    return story(number, **{"title": f"{number} officers left for ICE"} | changes)
