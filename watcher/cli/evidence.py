"""The command that exports the evidence of an alert."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from watcher.cli.alerts import AlertId
from watcher.cli.base import ALERTS, Json, cli, looking
from watcher.cli.output import fail, say, show_json
from watcher.text.humanize import when


@cli.command("evidence", rich_help_panel=ALERTS)
def show_evidence(
    alert_id: AlertId,
    out: Annotated[Path | None, typer.Option(help="The WARC file to write; left out: alert-ID.warc.gz here.")] = None,
    as_json: Json = False,
) -> None:
    """Export what an alert is based on, as fetched: a WARC file for other tools, and a summary as plain text.

    Examples: `watcher evidence 7`, `watcher evidence 7 --out /srv/cases/ice.warc.gz`
    """
    from storage import alerts, evidence
    from watcher.reports import warc

    with looking() as connection:
        alert = alerts.get(connection, alert_id) or fail(f"there is no alert {alert_id}: `watcher alerts` lists them")
        kept = evidence.whole(connection, alert_id)
    if not kept:
        fail(f"there is no evidence for alert {alert_id}")
    archive = out or Path(f"alert-{alert_id}.warc.gz")
    summary = archive.with_name(f"{archive.name}.txt")
    for path in (archive, summary):
        if path.exists():
            fail(f"{path} is there already: name another with --out")
    with archive.open("xb") as file:
        warc.write(file, alert, kept)
    summary.write_text(warc.in_words(alert, kept), encoding="utf-8")
    if as_json:
        shown = [
            {
                "what": answer.what,
                "url": answer.url,
                "status": answer.status,
                "fetched_at": answer.fetched_at,
                "sha256": answer.sha256.hex(),
            }
            for answer in kept
        ]
        show_json({"files": [archive, summary], "evidence": shown})
        return
    for answer in kept:
        say(f"{answer.what} as fetched {when(answer.fetched_at)}, {len(answer.body)} bytes")
    say(f"written: {archive}, {summary}")
