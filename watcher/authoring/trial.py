"""Try a rule file on what its sources publish right now. Stores nothing, sends nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

from watcher import app
from watcher.authoring import rule_file
from watcher.clock import utc_now
from watcher.fetchers import Fetcher
from watcher.messages import DigestEntry, DigestReason, DigestView
from watcher.model import Claim, Entry, FetchError, Memory, Source
from watcher.pipeline import entries, views
from watcher.pipeline.learning import from_examples_alone
from watcher.pipeline.rules_in_force import Rules
from watcher.reading.pool import Reader
from watcher.settings import Settings
from watcher.web import Crawler

Read = Sequence[tuple[Source, tuple[Entry, ...] | None]]
"""The entries of each source; None where it could not be read."""

Progress = Callable[[Source, str], None]
"""Called with each source that was read, and the result in words."""


def try_file(path: Path, settings: Settings, progress: Progress) -> list[DigestView]:
    """Return what each claim of the file would alert. Raise ConfigError when the file cannot be used."""
    book = rule_file.claim_file(path, settings)
    rules = book.rules.values()
    wanted = [source for source in book.sources if source.enabled and any(rule.listens_to(source) for rule in rules)]
    web, reader = app.fetching_web(settings, utc_now), Reader(workers=settings.fetch.workers)
    try:
        fetchers = app.build_fetchers(settings, web, Crawler(web, utc_now), reader)
        with ThreadPoolExecutor(settings.fetch.threads) as threads:
            answers = list(threads.map(lambda source: _read(fetchers, source, progress), wanted))
    finally:
        reader.close()
        web.close()
    now = utc_now()
    read = list(zip(wanted, answers, strict=True))
    taught = from_examples_alone(book)
    return [_view(taught, claim, read, now) for claim in book.claims]


def _read(fetchers: Mapping[str, Fetcher], source: Source, progress: Progress) -> tuple[Entry, ...] | None:
    try:
        reading = fetchers[source.kind].fetch(source, Memory())
    except FetchError as error:
        progress(source, str(error))
        return None
    progress(source, f"{reading.total} items")
    return reading.entries


def _view(rules: Rules, claim: Claim, read: Read, now: datetime) -> DigestView:
    answered = [(source, shown) for source, shown in read if shown is not None]
    found = []
    for source, shown in answered:
        for entry in shown:
            matches = rules.matched(entry, source).matches
            if hits := entries.unsuppressed(matches).get(claim.id, ()):
                item = views.item(entry, source, first_seen=now)
                found.append(DigestEntry(item=item, hits=views.hits(claim, hits, item.parts)))
    return DigestView(
        reason=DigestReason.ALREADY_THERE,
        claim=views.claim(claim),
        at=now,
        sources=len(answered),
        items=sum(len(shown) for _, shown in answered),
        entries=tuple(found),
        notes=tuple(f"{source.id} could not be read" for source, shown in read if shown is None),
    )
