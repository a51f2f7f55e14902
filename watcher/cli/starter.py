"""The files ``watcher init`` writes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from watcher.rulebook.sources import Kinds
from watcher.rulebook.starter import files
from watcher.settings import FILE_NAME

SETTINGS = """\
# watcher.toml: where things are and how messages get out. Rules are in rules/.
# Secrets do not have to be in this file: "credential:NAME" is read from systemd's credentials, "env:NAME" from the
# environment, "file:PATH" from a file.

[operator]
contact = ""                     # shown to the sites that are read: a mail or web address of yours
timezone = "UTC"                 # of the desk, for example "America/Chicago"
digest_at = "08:00"              # when the daily digest goes out
# alert_to = ["desk-mail"]       # who hears about the service itself; left out: every channel

[rules]
directory = "rules"

# With no channel, alerts go to the terminal and to .watcher/alerts.atom.
# [channels.desk-mail]
# kind = "mail"
# host = "mail.example.org"      # port 587 with STARTTLS, unless port and tls say otherwise
# username = "watcher"
# password = "credential:smtp-password"
# sender = "watcher@example.org"
# to = ["desk@example.org"]

# [channels.newsroom-hook]
# kind = "webhook"               # Standard Webhooks 1.0
# url = "https://hooks.example.org/watcher"
# secret = "credential:webhook-secret"

# A language model that is asked a rule's question about its likeliest items; their titles and texts are sent to it.
# [second-reader]
# url = "http://127.0.0.1:11434/v1"   # Ollama here; any interface like OpenAI's
# model = "llama3.1:8b"
# allow_private = ["127.0.0.1:11434"]
# key = "reader"                 # name of a secret in [secrets], where it needs one

# [storage]
# url = "postgresql+psycopg://watcher@/watcher"   # left out: SQLite in .watcher/
"""


def write(directory: Path, kinds: Kinds) -> Iterator[tuple[Path, bool]]:
    """Write the files that do not exist yet; return each path and whether it was written."""
    texts = {FILE_NAME: SETTINGS} | {f"rules/{name}": text for name, text in files(kinds).items()}
    for name, text in texts.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            path.write_text(text, encoding="utf-8")
            yield path, True
        else:
            yield path, False
