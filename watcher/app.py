"""Build everything, in one place."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from importlib import resources
from pathlib import Path
from typing import TextIO
from zoneinfo import ZoneInfo

import structlog

import watcher
from storage import leases, reschedule
from storage.database import Database
from watcher import canary, channels, fetchers, known_faults, state
from watcher.channels import Channel, ChannelTools
from watcher.clock import utc_now
from watcher.fetchers import Fetcher
from watcher.fetchers.canary_source import CanaryFetcher
from watcher.jobs.digests import Digests
from watcher.jobs.health import Health
from watcher.jobs.proofs import Proofs
from watcher.jobs.second_opinions import SecondOpinions
from watcher.judging import Idf
from watcher.known_faults import KnownFault
from watcher.messages import HealthEvent, HealthView
from watcher.model import Claim, Clock, ConfigError
from watcher.pipeline.judgement import Judgement
from watcher.pipeline.learning import Teacher
from watcher.pipeline.live import Live, Loaded, RuleFolder
from watcher.pipeline.pages import PageReader
from watcher.pipeline.pipeline import Pipeline
from watcher.pipeline.pools import Pool
from watcher.pipeline.rules_in_force import Rules
from watcher.ranking.ranker import Ranker
from watcher.reading.pool import Reader
from watcher.rulebook import Rulebook
from watcher.second_reader.endpoint import DEADLINE, MAX_REPLY_BYTES, Endpoint
from watcher.second_reader.reader import SecondReader
from watcher.semantic.embedder import SemanticEmbedder
from watcher.settings import Settings, is_written_out, others_may_read, resolved
from watcher.source_options import SourceOptions
from watcher.text.word_lists import listed
from watcher.web import Crawler, Web

log = structlog.get_logger()

FEED = "alerts.atom"


@dataclass(slots=True)
class App:
    """A service that is ready to run: open database, live rules, every part built."""

    settings: Settings
    database: Database
    clock: Clock
    channels: Mapping[str, Channel]
    rule_files: RuleFolder
    teacher: Teacher
    pipeline: Pipeline
    digests: Digests
    proofs: Proofs
    health: Health
    second_reader: SecondReader | None
    """None where none is configured."""
    reader: Reader
    embedder: SemanticEmbedder | None
    """None where the extra [semantic] is not installed."""
    webs: tuple[Web, ...]
    loaded: Loaded
    """The result of the last reading of the rule files."""
    _refused: str = ""
    _reloading: threading.Lock = field(default_factory=threading.Lock)

    @property
    def rulebook(self) -> Rulebook:
        """The rules that are live."""
        return self.pipeline.live.rulebook

    def reload(self, *, confirmed: bool = False) -> Loaded:
        """Read the rule files again. A bad set is refused whole and reported once; the last good set stays live."""
        with self._reloading:  # if two sets are read at once, the one that was read last goes live last
            self.loaded = loaded = self.rule_files.read(self.rulebook, confirmed=confirmed)
            if loaded.book is not None:
                self.go_live(loaded.book)
            else:
                self._tell_refused()
        return loaded

    def go_live(self, book: Rulebook) -> None:
        """Match with these rules from now on."""
        self.rule_files.adopt(book)
        taught = self.teacher.taught(book)
        self.teacher.keep(taught)
        judgement = Judgement.learnt(self.database, book.claims)
        rules = Rules(book, taught.ranker)
        self.pipeline.go_live(replace(self.pipeline.live, rules=rules, judgement=judgement))
        self.digests.catch_up(rules)
        log.info("rules are live", claims=len(book.claims), sources=len(book.sources), digest=book.digest[:12])

    def learn(self) -> None:
        """Have the rules learn from the stream again when it is time. What was told stays as it is."""
        with self._reloading:
            book = self.rulebook
            taught = self.teacher.learn_again(book)
            if taught is None:
                return
            self.teacher.keep(taught)
            self.pipeline.go_live(replace(self.pipeline.live, rules=Rules(book, taught.ranker)))
        log.info("rules learnt from the stream", rules=len(taught.lessons), items=taught.words.items)

    def ask_second_reader(self) -> None:
        """Tell at once what a second reader affirms of what competes for lines, where one is configured."""
        if self.second_reader is not None:
            SecondOpinions(self.database, self.clock, self.second_reader).ask(self.pipeline.live)

    def known_faults(self) -> list[KnownFault]:
        """Return the known faults of the installed libraries, first those that nothing guards against."""
        return known_faults.faults(known_faults.installed() | self.database.libraries())

    def _tell_refused(self) -> None:
        details = [str(problem) for problem in self.loaded.problems] or [self.loaded.suspicion]
        log.warning("rules refused, the last good set stays live", problems=details)
        if (told := "\n".join(details)) == self._refused:
            return
        self._refused = told
        command = "watcher reload --confirm" if self.loaded.suspicion else "watcher check"
        self.health.tell(
            HealthView(
                event=HealthEvent.RULES_REFUSED,
                at=self.clock(),
                about=str(self.rule_files.directory),
                details=tuple(details),
                command=command,
            )
        )

    def close(self) -> None:
        """Close everything that is held outside this process."""
        self.reader.close()
        if self.embedder is not None:
            self.embedder.close()
        for web in self.webs:
            web.close()
        self.database.close()


@contextmanager
def opened(
    settings: Settings, *, clock: Clock = utc_now, stream: TextIO | None = None, confirmed: bool = False
) -> Iterator[App]:
    """Build the service, as the only one in its state folder, and take its rules live.

    ``confirmed`` accepts rule files
    that look as if most of them were lost. Raises ConfigError, `storage.lock.Locked` and
    `storage.database.StorageError`, each with what to do.
    """
    with state.locked(settings):
        app = _build(settings, clock, stream or sys.stdout, confirmed=confirmed)
        try:
            with app.database.write() as connection:
                leases.void_all(connection, now=clock())
                set_back_by = reschedule.clock_set_back(connection, now=clock())
                reschedule.pull_forward(connection, now=clock(), by=set_back_by)
            for each in app.known_faults():
                if not each.guard:
                    log.warning("a library has a known fault", about=str(each))
            for option in exposed_secrets(settings):
                log.warning("others may read a secret", option=option, file=str(settings.file), advice="chmod o-r")
            app.go_live(app.rulebook)
            if app.loaded.book is None:
                app._tell_refused()
            yield app
        finally:
            app.close()


def exposed_secrets(settings: Settings) -> list[str]:
    """Return the secrets that are written in a settings file which other users can read."""
    if settings.file is None or not others_may_read(settings.file):
        return []
    in_channels = [
        f"channels.{name}.{option}"
        for name, written in settings.channels.items()
        for option in channels.secrets(written.get("kind", name))
        if is_written_out(written.get(option))
    ]
    return in_channels + [f"secrets.{name}" for name, value in settings.secrets.items() if is_written_out(value)]


def source_kinds() -> dict[str, type[SourceOptions]]:
    """Return the options model of every kind of source, by the name of the kind."""
    return {name: kind.options for name, kind in fetchers.KINDS.items()}


def build_channels(settings: Settings, web: Web, clock: Clock, stream: TextIO) -> dict[str, Channel]:
    """Return every configured channel. If none is configured: the terminal, and an Atom file in the state folder."""
    written = settings.channels or {"terminal": {"kind": "terminal"}, "atom": {"kind": "atom"}}
    tools = ChannelTools(web=web, clock=clock, stream=stream)
    built = {}
    for name, options in written.items():
        wanted = resolved(options, f"channels.{name}")
        kind = wanted.pop("kind", name)
        if kind == "atom":
            wanted["path"] = settings.state / wanted.get("path", FEED)
        built[name] = channels.build(name, kind, wanted, tools)
    return built


def user_agent(settings: Settings) -> str:
    """Return the user agent that the service sends to the sites it reads."""
    contact = settings.operator.contact
    return f"watcher/{watcher.__version__} (fact-check monitor{'; +' + contact if contact else ''})"


def shipped(folder: str) -> Path:
    """Return the folder of the rules or systemd files that came with the package; in a checkout, the checkout's own."""
    checkout = Path(__file__).resolve().parent.parent / folder
    return checkout if checkout.is_dir() else Path(str(resources.files("watcher"))) / "_shipped" / folder


@dataclass(slots=True)
class _Recipients:
    """Finds the channels that get a message: those of a claim, those of the operators, or all of them."""

    channels: Mapping[str, Channel]
    operators: tuple[str, ...] = field(default=())

    def of_claim(self, claim: Claim) -> list[tuple[str, str]]:
        return self._named(claim.alert_to)

    def of_service(self) -> list[tuple[str, str]]:
        return self._named(self.operators)

    def _named(self, names: Sequence[str]) -> list[tuple[str, str]]:
        chosen = [name for name in names if name in self.channels] or list(self.channels)
        return [(name, to) for name in chosen for to in self.channels[name].destinations()]


def _build(settings: Settings, clock: Clock, stream: TextIO, *, confirmed: bool) -> App:
    fetching, delivering = fetching_web(settings, clock), delivering_web(settings, clock)
    asking = asking_web(settings, clock)
    endpoint, a_day = build_endpoint(settings, asking), settings.second_reader.questions_a_day
    crawler = Crawler(fetching, clock)
    channels = build_channels(settings, delivering, clock, stream)
    recipients = _Recipients(channels, _operators(settings, channels))
    database, zone = state.open_database(settings), ZoneInfo(settings.operator.timezone)
    database.migrate()
    rule_files = RuleFolder(settings.rules.directory, source_kinds(), frozenset(channels), database, clock)
    book, loaded = rule_files.start(confirmed=confirmed)
    reader = Reader(workers=settings.fetch.workers)
    embedder = SemanticEmbedder.installed()
    pipeline = Pipeline(
        database=database,
        clock=clock,
        live=Live(
            rules=Rules(book, Ranker.of({}, Idf())),  # until they go live, when they are taught
            judgement=Judgement.learnt(database, book.claims),
            recipients=recipients.of_claim,
        ),
        fetchers=build_fetchers(settings, fetching, crawler, reader) | {canary.SOURCE.kind: CanaryFetcher(clock)},
        channels=channels,
        page_reader=PageReader(crawler, reader),
        polls=Pool("poll", settings.fetch.threads),
        pages=Pool("page", settings.fetch.threads),
        deliveries=Pool("deliver", max(settings.deliver.threads, len(channels))),
        zone=zone,
    )
    return App(
        settings=settings,
        database=database,
        clock=clock,
        channels=channels,
        rule_files=rule_files,
        teacher=Teacher(database, clock, embedder),
        pipeline=pipeline,
        proofs=Proofs(database, clock, recipients.of_claim),
        digests=Digests(database, clock, recipients.of_claim, settings.operator.digest_at, zone),
        health=Health(database, clock, recipients.of_service, recipients.of_claim),
        second_reader=SecondReader(endpoint, database, clock, zone, a_day) if endpoint else None,
        reader=reader,
        embedder=embedder,
        webs=(fetching, delivering, asking),
        loaded=loaded,
    )


def build_fetchers(settings: Settings, web: Web, crawler: Crawler, reader: Reader) -> dict[str, Fetcher]:
    """Return a fetcher for each kind of source."""
    secrets = resolved(settings.secrets, "secrets")
    tools = fetchers.FetcherTools(web=web, reader=reader, ask=web.ask, secrets=secrets)
    crawling = replace(tools, web=crawler)
    return {name: kind.make(crawling if kind.crawls else tools) for name, kind in fetchers.KINDS.items()}


def fetching_web(settings: Settings, clock: Clock) -> Web:
    """Return the HTTP client for sources: spaced, and with their own list of private addresses."""
    return Web(
        user_agent=user_agent(settings),
        allow_private=settings.fetch.allow_private,
        deadline=settings.fetch.deadline,
        clock=clock,
    )


def delivering_web(settings: Settings, clock: Clock) -> Web:
    """Return the HTTP client for the channels' servers: not spaced, since each channel limits itself."""
    return Web(
        user_agent=user_agent(settings),
        allow_private=settings.deliver.allow_private,
        clock=clock,
        spacing=timedelta(0),
    )


def asking_web(settings: Settings, clock: Clock) -> Web:
    """The way to the second reader, bounded in time and bytes, and with its own list of private addresses."""
    return Web(
        user_agent=user_agent(settings),
        allow_private=settings.second_reader.allow_private,
        deadline=DEADLINE,
        max_bytes=MAX_REPLY_BYTES,
        clock=clock,
        spacing=timedelta(0),
    )


def build_endpoint(settings: Settings, web: Web) -> Endpoint | None:
    """The second reader that is configured, if one is. Raise ConfigError when its key is not found."""
    asked = settings.second_reader
    return Endpoint(web=web, url=asked.url, model=asked.model, key=_key(settings)) if asked.url else None


def _key(settings: Settings) -> str:
    name = settings.second_reader.key
    if not name:
        return ""
    if name not in settings.secrets:  # it may be the secret itself: not to be repeated
        raise ConfigError(f"second-reader.key is not the name of a secret; [secrets] has: {listed(settings.secrets)}")
    secret: str = resolved({name: settings.secrets[name]}, "secrets")[name]
    return secret


def _operators(settings: Settings, channels: Mapping[str, Channel]) -> tuple[str, ...]:
    unknown = [name for name in settings.operator.alert_to if name not in channels]
    if unknown:
        raise ConfigError(f"operator.alert_to names {unknown[0]!r}; configured channels: {', '.join(sorted(channels))}")
    return settings.operator.alert_to
