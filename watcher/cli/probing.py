"""Commands that look at an address and write a source for it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from watcher.cli.base import RULES, Json, cli, given_settings
from watcher.cli.output import fail, say, show_json
from watcher.model import ConfigError, FetchError
from watcher.text.humanize import pluralize, when
from watcher.text.lines import one_line

if TYPE_CHECKING:
    from watcher.authoring import discovery
    from watcher.settings import Settings

Address = Annotated[str, typer.Argument(metavar="URL", help="A page, a feed, an interface or a document.")]

_MAX_ITEMS_SHOWN = 3
"""Items of each candidate that are shown."""


@cli.command(rich_help_panel=RULES)
def probe(url: Address, as_json: Json = False) -> None:
    """Read an address once and show the sources it could be: how each is read, what it finds, the YAML to paste.

    Examples: `watcher probe https://www.minnpost.com`, `watcher probe https://city.example/meetings --json`
    """
    from watcher.rulebook.appending import free_id

    found = given_settings()
    candidates = _candidates(url, found)
    written = [_written(each, free_id(each.url, _taken(found)), found) for each in candidates]
    if as_json:
        show_json([_data(each, source) for each, source in zip(candidates, written, strict=True)])
        return
    for number, (each, source) in enumerate(zip(candidates, written, strict=True), 1):
        _show(number, each, source)
    say(f"to poll the first: watcher add {url}" + (", another: --choose NUMBER" if len(candidates) > 1 else ""))


@cli.command(rich_help_panel=RULES)
def add(
    url: Address,
    source_id: Annotated[str, typer.Option("--id", help="What to call the source; left out: after its address.")] = "",
    tags: Annotated[
        list[str] | None, typer.Option("--tag", help="A tag, like official or press; may be repeated.")
    ] = None,
    choose: Annotated[int, typer.Option(min=1, help="Which of the candidates that `watcher probe` shows.")] = 1,
    as_json: Json = False,
) -> None:
    """Find out how to read an address, as the feed of a page or the list on it, and add it to the sources file.

    Examples: `watcher add https://www.minnpost.com --tag press`,
    `watcher add https://city.example/meetings --id city-meetings --tag official --choose 2`
    """
    from watcher.authoring import rule_file
    from watcher.rulebook.appending import free_id
    from watcher.rulebook.disk import SOURCES_FILE

    found = given_settings()
    path = found.rules.directory / SOURCES_FILE
    if not path.is_file():
        fail(f"there is no {rule_file.shown(path)} yet: `watcher init` writes one to begin with")
    candidates = _candidates(url, found)
    if choose > len(candidates):
        fail(f"--choose {choose}: {url} gives {pluralize(len(candidates), 'candidate')}; `watcher probe` shows them")
    chosen = candidates[choose - 1]
    source = _written(chosen, source_id or free_id(chosen.url, _taken(found)), found, tags or ())
    _write(path, source)
    if as_json:
        show_json(_data(chosen, source) | {"file": path})
        return
    _show(choose, chosen, source)
    say(f"written to {rule_file.shown(path)}; next: watcher check")
    say(f"rules that name no sources listen to it; others by `sources: [{source['id']}]` or one of its tags")
    if chosen.kind in ("page", "json"):
        say("to have the page behind every item read, with the PDFs attached to it: add `text_from: attached`")


def _candidates(url: str, found: Settings) -> list[discovery.SourceCandidate]:
    from watcher.authoring import discovery

    try:
        candidates = discovery.probe(url, found)
    except FetchError as error:
        fail(f"{url}: {error}")
    if not candidates:
        fail(f"{url}: nothing to poll was found there: no feed, no list of items, no text; is it made by scripts?")
    return candidates


def _taken(found: Settings) -> set[str]:
    """Return the names of existing sources and tags, as far as the file can be read."""
    from watcher.authoring import rule_file
    from watcher.rulebook import RulebookError
    from watcher.rulebook.disk import SOURCES_FILE

    path = found.rules.directory / SOURCES_FILE
    try:
        book = rule_file.gather(path, found).load()
    except RulebookError:
        return set()
    return {name for source in book.sources for name in (*source.names, *source.was)}


def _written(
    candidate: discovery.SourceCandidate, source_id: str, found: Settings, tags: Sequence[str] = ()
) -> dict[str, str | Sequence[str]]:
    """Return the candidate as an entry of a sources file."""
    source: dict[str, str | Sequence[str]] = {"id": source_id, "kind": candidate.kind, "url": candidate.url}
    source |= candidate.options
    guessed = "item" in candidate.options or "items" in candidate.options
    if guessed and found.operator.timezone != "UTC":
        source["timezone"] = found.operator.timezone
    return source | ({"tags": list(tags)} if tags else {})


def _write(path: Path, source: dict[str, str | Sequence[str]]) -> None:
    """Add the source to the file, unless the file has errors with it."""
    from watcher import app
    from watcher.authoring import rule_file
    from watcher.rulebook import RulebookError, load
    from watcher.rulebook.appending import appended, source_text
    from watcher.rulebook.disk import SOURCES_FILE

    before = path.read_text(encoding="utf-8")
    try:
        after = appended(before, source)
        load({SOURCES_FILE: after}, app.source_kinds())
    except RulebookError as error:
        fail("\n".join(str(rule_file.RuleFiles({}, {SOURCES_FILE: path}).placed(each)) for each in error.problems))
    except ConfigError as error:
        fail(f"{rule_file.shown(path)}: {error}; add this by hand:\n{source_text(source)}".rstrip())
    path.write_text(after, encoding="utf-8")


def _show(number: int, candidate: discovery.SourceCandidate, source: dict[str, str | Sequence[str]]) -> None:
    from watcher.rulebook.appending import source_text

    found = f"{pluralize(candidate.count, 'item')}, {candidate.dated} with a date"
    say(f"{number}. {candidate.kind}: {found} ({one_line(candidate.why)})")
    for entry in candidate.reading.entries[:_MAX_ITEMS_SHOWN]:
        moment = when(entry.published) if entry.published else "no date"
        say(f"   {moment}  {one_line(entry.title or entry.text, 100)}")
        say(f"   {one_line(entry.link, 200) or '(no link)'}")
    if candidate.reading.damaged:
        say(f"   damaged: {one_line(candidate.reading.damaged)}")
    say()
    say(source_text(source, "  "))


def _data(candidate: discovery.SourceCandidate, source: dict[str, str | Sequence[str]]) -> dict[str, Any]:
    from watcher.rulebook.appending import source_text

    reading = candidate.reading
    entries = [
        {"title": one.title, "link": one.link, "published": one.published} for one in reading.entries[:_MAX_ITEMS_SHOWN]
    ]
    return {
        "source": source,
        "why": candidate.why,
        "items": candidate.count,
        "dated": candidate.dated,
        "damaged": reading.damaged,
        "first": entries,
        "yaml": source_text(source),
    }
