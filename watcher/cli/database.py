"""Commands about the database: back it up, restore it, check it, and remove an item from it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from storage.lock import Locked
from watcher.cli.base import SERVICE, Json, cli, do, given_settings, group, looking_at
from watcher.cli.output import fail, say, show_json
from watcher.clock import utc_now

if TYPE_CHECKING:
    from storage.database import Database
    from watcher.settings import Settings

db_cli = group(help="Back up, restore and check the database.", no_args_is_help=True)
cli.add_typer(db_cli, name="db", rich_help_panel=SERVICE)


@db_cli.command()
def backup(
    path: Annotated[
        Path | None,
        typer.Argument(metavar="[PATH]", help="A file or folder; left out: backups/ in the state folder."),
    ] = None,
) -> None:
    """Back up the database, also while the service runs. The copy is checked before it gets its name.

    Examples: `watcher db backup`, `watcher db backup /mnt/backup/watcher.sqlite`
    """
    from storage import backup as backups

    with looking_at() as database:
        live = _file(database, "use pg_dump, which copies one moment of a running database too")
    target = path or live.parent / "backups"
    if path is None:
        target.mkdir(mode=0o700, exist_ok=True)
    if target.is_dir():
        target /= f"{live.stem}-{utc_now():%Y%m%dT%H%M%SZ}.sqlite"
    backups.copy(live, target)
    say(f"{target}: {target.stat().st_size:,} bytes, checked")


@db_cli.command()
def restore(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A backup.", exists=True, dir_okay=False)],
) -> None:
    """Replace the database by a backup; the old one is kept. The service must not be running.

    Afterwards every source is read as if for the first time: what happened since the backup comes as one digest for
    each claim, not as a flood of alerts.

    Example: `watcher db restore /mnt/backup/watcher.sqlite`
    """
    from storage import restore as restoring
    from watcher import state

    found = given_settings()
    database = state.open_database(found, read_only=True)
    live = _file(database, "use pg_restore while watcher is stopped, then `watcher db catch-up`")
    database.close()
    with _alone(found):
        aside = restoring.restore(path, live, now=utc_now())
    say(f"restored to {live}" + (f"; the old one is kept as {aside}" if aside else ""))
    say("the next start reads every source and sends one digest of what is not known; alerts go on from there")


@db_cli.command("catch-up")
def catch_up() -> None:
    """After a restore by other means: get what happened since as one digest, not as a flood of alerts.

    Example: `watcher db catch-up`
    """
    do("catch_up")
    say("the next visit to each source goes into one digest; alerts go on from there")


@db_cli.command()
def check(
    path: Annotated[
        Path | None, typer.Argument(metavar="[PATH]", help="A backup; left out: the database.", exists=True)
    ] = None,
    as_json: Json = False,
) -> None:
    """Check that the database is undamaged and of this version. Exit code 1 if it is not.

    Examples: `watcher db check`, `watcher db check /mnt/backup/watcher.sqlite`
    """
    from storage.checking import examine
    from storage.database import StorageError
    from watcher import state

    with closing(_named_or_live(path)) as database:
        if path is None:
            with suppress(StorageError):  # damage is for the check to report
                state.require_tables(database)
        found = examine(database)
    if as_json:
        show_json({name: getattr(found, name) for name in ("place", "schema", "problems", "size", "log_size")})
    else:
        sizes = f", {found.size:,} bytes and {found.log_size:,} in its log" if found.size else ""
        say(f"{found.place}: schema {found.schema or 'unknown'}{sizes}")
        say("\n".join(found.problems) or "ok")
    if found.problems:
        fail("a damaged database: stop the service and restore the last backup with `watcher db restore`")


def _named_or_live(path: Path | None) -> Database:
    from storage.database import Database, sqlite_url
    from watcher import state

    if path is not None:
        return Database(sqlite_url(path), read_only=True)
    found = given_settings()
    state.require_database(found)
    return state.open_database(found, read_only=True)


@cli.command(rich_help_panel=SERVICE)
def forget(
    item: Annotated[str, typer.Argument(metavar="ITEM", help="The number of an item, or its address.")],
) -> None:
    """Remove the content of an item for good, from every revision and every message.

    Existing backups, sent mails and webhooks, and the file of an Atom channel still contain it.

    Examples: `watcher forget 4711`, `watcher forget https://news.example.org/story`
    """
    gone = do("forget", item=item)
    say(f"forgotten: {gone['items']} items, {gone['revisions']} revisions, {gone['messages']} messages rewritten")
    if gone["evidence_kept"]:
        say(f"{gone['evidence_kept']} documents are kept because other alerts need them too")
    if not gone["erased"]:
        say("another process is reading: traces stay in the database's log until it is emptied in some minutes")


def _file(database: Database, otherwise: str) -> Path:
    if database.path is None:
        fail(f"{database.describe()} is not a file: {otherwise}")
    return database.path


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    from watcher import state

    try:
        with state.locked(settings):
            yield
    except Locked as error:
        fail(f"{error}: stop the service first, for example with `systemctl stop watcher`")
