"""Commands about rule files: write the first, check, try, explain, replay."""

from __future__ import annotations

import sys
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from watcher import messages
from watcher.cli.base import RULES, Json, cli, given_settings, looking_at
from watcher.cli.output import Columns, counting, fail, progress, say, show_json, show_table
from watcher.clock import utc_now
from watcher.model import ConfigError
from watcher.ranking.tiers import Tier
from watcher.text.humanize import humanize, pluralize, when
from watcher.text.lines import one_line

if TYPE_CHECKING:
    from storage.database import Connection
    from watcher.authoring import explanation, replay
    from watcher.authoring.lessons import RuleLesson
    from watcher.authoring.rerun import Alerted
    from watcher.rulebook import Problem, Rulebook
    from watcher.settings import Settings

RuleFile = Annotated[Path, typer.Argument(metavar="RULEFILE", help="A claim's file.")]

LIVE = "live"
_MAX_ALERTS = 200
_MARKS = {"gained": "+", "lost": "-", "changed": "~", "same": ""}


@cli.command(rich_help_panel=RULES)
def init(
    directory: Annotated[Path, typer.Argument(help="Where to write; existing files are left alone.")] = Path(),
) -> None:
    """Write a commented watcher.toml, a sources file and a six-line rule file to begin with.

    Example: `watcher init desk`
    """
    from watcher import app
    from watcher.cli import starter

    for path, written in starter.write(directory, app.source_kinds()):
        say(f"{'wrote' if written else 'kept '} {path}")
    step_into = "" if directory == Path() else f"cd {directory} && "
    say(f"\nnext: {step_into}watcher check && watcher run")


# ------------------------------------------------------------------------------------------------ check


@cli.command(rich_help_panel=RULES)
def check(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Rule folders or files; left out: the folder in watcher.toml.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Check rule and source files and run their inline tests: every error at once, exit code 1 if there is any.

    Examples: `watcher check`, `watcher check rules/claims/mpd-to-ice.yaml`
    """
    found = given_settings()
    if not paths and not found.rules.directory.is_dir():
        fail(f"there are no rule files in {found.rules.directory}: `watcher init` writes some to begin with")
    checked = _check(paths or [found.rules.directory], found)
    problems, warnings = checked.problems, checked.warnings
    if as_json:
        show_json(
            {
                "problems": [asdict(one) for one in problems],
                "warnings": [asdict(one) for one in warnings],
                "lessons": [asdict(one) for one in checked.lessons],
            }
        )
    else:
        for problem in problems:
            say(str(problem))
        for warning in warnings:
            say(f"{warning} (warning)")
        if not problems:
            say(f"ok: {pluralize(checked.claims, 'claim')}, {pluralize(checked.rules, 'rule')}")
        for lesson in checked.lessons:
            _show_lesson(lesson)
    if problems:
        raise typer.Exit(1)


def _show_lesson(lesson: RuleLesson) -> None:
    """Say what a rule learnt, which examples it would place wrong without having seen them, and what to add."""
    examples = f"{lesson.like} that are meant and {lesson.unlike} that are not"
    wrong = f"{len(lesson.misplaced)} of them would be placed wrong if they were left out"
    say(f"{lesson.claim} {lesson.rule}: learnt from {examples}, told at once from {lesson.now_at:.2f}; {wrong}")
    for each in lesson.misplaced:
        what = "would not be told at once" if each.meant else "would be told at once"
        say(f"  {each.origin} {what} ({each.score:.2f}): {one_line(each.text, 100)}")
    for line in lesson.advice:
        say(f"  {line}")


@dataclass(slots=True)
class _Checked:
    """What came of checking rule files."""

    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    lessons: list[RuleLesson] = field(default_factory=list)
    claims: int = 0
    rules: int = 0


def _check(paths: list[Path], found: Settings) -> _Checked:
    from watcher.authoring import lessons, rule_file
    from watcher.rulebook import RulebookError

    checked = _Checked()
    for path in paths:
        try:
            files = rule_file.gather(path, found)
            book = files.load(_channels(found))
        except RulebookError as error:
            checked.problems += error.problems
            continue
        checked.warnings += map(files.placed, book.warnings)
        checked.lessons += lessons.rule_lessons(book)
        checked.claims += len(book.claims)
        checked.rules += len(book.rules)
    checked.problems = sorted(set(checked.problems))
    return checked


def _channels(found: Settings) -> set[str]:
    """Return the channels that rule files may name: those the service would have."""
    return set(found.channels) or {"terminal", "atom"}


# ------------------------------------------------------------------------------------------------ try


@cli.command("try", rich_help_panel=RULES)
def try_(path: RuleFile, as_json: Json = False) -> None:
    """Read the file's sources once and print what would alert and why. Stores nothing, sends nothing.

    Example: `watcher try rules/claims/mpd-to-ice.yaml`
    """
    from watcher.authoring import trial

    views = trial.try_file(path, given_settings(), lambda source, words: progress(f"{source.id}: {one_line(words)}"))
    rendered = [messages.digest(view) for view in views]
    if as_json:
        show_json([message.data["data"] for message in rendered])
    else:
        for message in rendered:
            say(message.text)
    if not any(view.sources for view in views):
        fail("no source could be read: see the lines above; the addresses are in sources.yaml")


# ------------------------------------------------------------------------------------------------ explain


@cli.command(rich_help_panel=RULES)
def explain(
    rule: Annotated[
        str, typer.Argument(metavar="RULE", help="FILE:RULE, a FILE for all of its rules, or a condition.")
    ],
    text: Annotated[Path | None, typer.Option(help="A text to try it on, its title first; - for stdin.")] = None,
    as_json: Json = False,
) -> None:
    """Show how a rule was understood and, for a text, where each of its parts hit or why it did not.

    Examples: `watcher explain rules/claims/mpd-to-ice.yaml:documented-transfer --text story.txt`,
    `watcher explain 'officer* near/5 ICE'`
    """
    from watcher.authoring import explanation

    written = None if text is None else _text(text)
    document = None if written is None else explanation.read_document(written)
    found = explanation.explain(rule, document)
    ranked = explanation.explain_ranking(rule, given_settings(), written)
    if as_json:
        conditions = [asdict(one) | {"hits": None if document is None else one.hit is not None} for one in found]
        show_json(conditions + [asdict(one) for one in ranked])
        return
    for one in found:
        _show_explained(one, with_text=document is not None)
    for each in ranked:
        _show_ranking(each, with_text=document is not None)


def _text(path: Path) -> str:
    try:
        return sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8 text: save it as UTF-8") from error


def _show_explained(one: explanation.Explained, *, with_text: bool) -> None:
    if one.name:
        say(f"{one.name}:")
    say(str(one.tree))
    for name, branch in one.unless.items():
        say(f"unless {name}:")
        say(str(branch))
    if with_text:
        taken = one.hit.suppressed_by if one.hit else ""
        outcome = f"it hits, but is suppressed: {taken}" if taken else "it hits" if one.hit else "it does not hit"
        say(outcome)
    say()


def _show_ranking(one: explanation.ExplainedRanking, *, with_text: bool) -> None:
    say(f"{one.name}:")
    say(f"ranks by its examples, and tells at once from {one.now_at:.2f}; `watcher check` says what it learnt")
    if one.ranking is not None:
        where = {Tier.NOW: "told at once", Tier.LINE: "not told at once", Tier.BELOW: "under the floor"}
        say(f"this text: {one.ranking.score:.2f}, {where[one.ranking.tier]}")
        say(f"says: {one_line(one.ranking.passage.text, 300)}")
        say(f"like: {one_line(one.resembles, 300)}")
    elif with_text:
        say("this text has none of the words that the rule is about")
    say()


# ------------------------------------------------------------------------------------------------ replay


@cli.command("replay", rich_help_panel=RULES)
def replay_(
    path: RuleFile,
    since: Annotated[str, typer.Option(help="How far back, like 90d or 26w; left out: everything stored.")] = "",
    against: Annotated[str, typer.Option(help="Compare with the live rules (live), or with another rule file.")] = "",
    as_json: Json = False,
) -> None:
    """Run a rule file over everything stored: what it would have alerted, how often, and what changes. Reads only.

    Example: `watcher replay rules/claims/mpd-to-ice.yaml --since 90d --against live`
    """
    from watcher.authoring import replay, rule_file
    from watcher.pipeline.learning import Teacher
    from watcher.semantic.embedder import model

    found, until = given_settings(), utc_now()
    start = None if not since else until - _stretch(since)
    book = rule_file.claim_file(path, found)
    with looking_at() as database:
        with database.read() as connection:
            rivals = _rivals(against, connection, book, found)
        with model() as embedder, counting(replay.size(database, start), "read") as advance:
            teacher = Teacher(database, utc_now, embedder)
            mine, others = teacher.rules(book), teacher.rules(rivals) if rivals is not None else None
            replays = replay.replay(database, mine, others, since=start, until=until, progress=advance)
    if as_json:
        show_json([_replay_data(one) for one in replays])
        return
    for one in replays:
        _show_replay(one)


def _stretch(written: str) -> timedelta:
    from pydantic import TypeAdapter, ValidationError

    from watcher.rulebook.field_types import Duration

    try:
        return TypeAdapter(Duration).validate_python(written)
    except ValidationError as error:
        raise ConfigError(f"--since {written}: write a number and a unit, like 90d, 26w or 12h") from error


def _rivals(against: str, connection: Connection, book: Rulebook, found: Settings) -> Rulebook | None:
    from watcher.authoring import rule_file

    if not against:
        return None
    if against != LIVE:
        return rule_file.claim_file(Path(against), found)
    live = rule_file.live(connection)
    if live is None:
        raise ConfigError("there are no live rules yet: `watcher run` takes them over")
    return rule_file.only(live, {name for claim in book.claims for name in (claim.id, *claim.was)})


def _replay_data(one: replay.Replay) -> dict[str, Any]:
    return {
        "claim": one.claim.id,
        "since": one.since,
        "until": one.until,
        "items": one.items,
        "alerts": len(one.alerts),
        "logged": one.logged,
        "suppressed": one.suppressed,
        "weeks": one.weeks,
        "expect_per_week": one.claim.expect_per_week,
        "unexpected": one.unexpected,
        "compared": one.against is not None,
        "changes": [asdict(alert) | {"change": change} for change, alert in one.compared()],
    }


def _show_replay(one: replay.Replay) -> None:
    say(f"{one.claim.id}: {pluralize(one.items, 'item')} from {when(one.since)} to {when(one.until)}")
    urgent = sum(1 for alert in one.alerts if alert.attention == "now")
    say(
        f"would have alerted {pluralize(len(one.alerts), 'time')}: {urgent} at once, "
        f"{len(one.alerts) - urgent} by digest"
    )
    say(f"not alerted: {one.suppressed} suppressed by unless, {one.logged} with too low an impact")
    say(f"in a week: {_volume(one)}")
    compared = one.compared()
    if one.against is not None:
        counts = [f"{sum(change == kind for change, _ in compared)} {kind}" for kind in ("gained", "lost", "changed")]
        say(f"against the other rules: {', '.join(counts)}")
    rows = compared[::-1]
    columns: Columns[tuple[str, Alerted]] = {
        "": lambda row: _MARKS[row[0]],
        "when": lambda row: row[1].at,
        "how": lambda row: f"{row[1].priority}, {'at once' if row[1].attention == 'now' else 'digest'}",
        "rules": lambda row: row[1].rules,
        "item": lambda row: f"{row[1].title} ({row[1].source}{', withdrawn' if row[1].withdrawn else ''})",
    }
    say()
    show_table(rows[:_MAX_ALERTS], columns, empty="nothing")
    if len(rows) > _MAX_ALERTS:
        say(f"and {len(rows) - _MAX_ALERTS} more: --json shows them all")


def _volume(one: replay.Replay) -> str:
    expected = one.claim.expect_per_week
    beside = f"; expected {expected[0]}-{expected[1]}" if expected else ""
    weeks = one.weeks
    if not weeks:
        return f"only {humanize(one.until - one.since)} were seen{beside}"
    odd = f": {one.unexpected}" if one.unexpected else ""
    return f"{sum(weeks) / len(weeks):.1f} on average, {min(weeks)} to {max(weeks)}{beside}{odd}"
