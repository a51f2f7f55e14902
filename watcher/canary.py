"""The canary: a source, and a rule of every claim, that are always there.

Once a week the source shows one item, which this rule of every claim hits: the proof that the way from a source to
a claim's channels is open. Its names cannot be written in a rule file, so that they are nobody else's.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from watcher.model import Source, TextFrom

ID: Final = "@canary"
"""Of the source, and of the rule."""
WORDS: Final = "watcher canary"
WHEN: Final = f'"{WORDS}"'
"""The rule's condition, in the rule language."""
SOURCE: Final = Source(id=ID, kind="canary", url="", every=timedelta(days=7), tags=frozenset(), text_from=TextFrom.FEED)


def thread(claim_id: str) -> str:
    """What the proofs of life of a claim have in common."""
    return f"proof-{claim_id}"
