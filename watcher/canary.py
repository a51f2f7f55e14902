"""The canary: a built-in source, and a built-in rule of every claim.

Once a week the source shows one item, which this
rule of every claim hits: this proves that items still get from a source to a claim's channels. Rule files cannot
contain its names, so they never clash with a person's.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from watcher.model import Source, TextFrom

ID: Final = "@canary"
"""The id of the source and of the rule."""
WORDS: Final = "watcher canary"
WHEN: Final = f'"{WORDS}"'
"""The rule's condition, in the rule language."""
SOURCE: Final = Source(id=ID, kind="canary", url="", every=timedelta(days=7), tags=frozenset(), text_from=TextFrom.FEED)


def thread(claim_id: str) -> str:
    """Return the thread that all proofs of life of a claim belong to."""
    return f"proof-{claim_id}"
