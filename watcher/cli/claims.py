"""Commands that begin a claim's rule file."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from watcher.cli.base import RULES, Json, cli, given_settings, group
from watcher.cli.output import fail, progress, say, show_json
from watcher.model import ConfigError, FetchError
from watcher.text.links import is_web

if TYPE_CHECKING:
    from watcher.authoring.drafting import ClaimDraft

claim_cli = group(
    help="Begin the rule file of a claim.\n\n"
    "Example: `watcher claim new https://paper.example/fact-checks/7 --to rules/claims/seven.yaml`",
    no_args_is_help=True,
)
cli.add_typer(claim_cli, name="claim", rich_help_panel=RULES)


@claim_cli.command()
def new(
    place: Annotated[
        str, typer.Argument(metavar="URL-or-FILE", help="A fact-check: its page, a saved page, or its JSON-LD.")
    ],
    to: Annotated[Path | None, typer.Option(help="The file to write; left out: print the draft.")] = None,
    as_json: Json = False,
) -> None:
    """Draft a rule file from a published fact-check: claim, verdict, names and first examples, for you to correct.

    It reads the page's ClaimReview (JSON-LD), or else its title, and its article. What to correct is said on stderr.

    Examples: `watcher claim new https://paper.example/fact-checks/7`,
    `watcher claim new saved-page.html --to rules/claims/seven.yaml`, `watcher claim new review.json --json`
    """
    from watcher.authoring import drafting

    if to is not None and to.exists():
        fail(f"{to} exists already, and is left as it is: name another file")
    drafted = _drafted(place)
    if to is not None:
        _write(to, drafting.as_yaml(drafted))
    if as_json:
        show_json(asdict(drafted) | {"yaml": drafting.as_yaml(drafted)} | ({"file": to} if to else {}))
    elif to is None:
        say(drafting.as_yaml(drafted).rstrip("\n"))
    _tell(drafted, to)


def _drafted(place: str) -> ClaimDraft:
    from watcher.authoring import drafting, fact_checks

    try:
        return drafting.draft(fact_checks.read(place, given_settings()), place if is_web(place) else "")
    except (ConfigError, FetchError) as error:
        fail(f"{place}: {error}")


def _write(path: Path, text: str) -> None:
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        fail(f"{path} cannot be written: {error.strerror}")


def _tell(drafted: ClaimDraft, path: Path | None) -> None:
    progress(f"{path or 'this'} is a draft; correct it:")
    for remark in drafted.remarks:
        progress(f"- {remark}")
    progress(f"next: watcher check {path}" if path else "next: save it with --to FILE, then `watcher check FILE`")
