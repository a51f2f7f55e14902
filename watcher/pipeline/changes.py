"""What an edit did to the sentences of an item. Pure."""

from __future__ import annotations

from difflib import SequenceMatcher
from itertools import zip_longest

from watcher.messages import SentenceChange
from watcher.model import Entry
from watcher.text.sentences import sentences

MOST = 200
"""Sentences compared; a longer text is compared at its beginning."""


def changed_sentences(before: Entry, after: Entry) -> tuple[SentenceChange, ...]:
    """Each sentence that was added, taken out or put in place of another, in the order of the text."""
    old, new = _sentences(before), _sentences(after)
    changes: list[SentenceChange] = []
    for tag, old_from, old_to, new_from, new_to in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            pairs = zip_longest(old[old_from:old_to], new[new_from:new_to], fillvalue="")
            changes += [SentenceChange(before=was, after=now) for was, now in pairs]
    return tuple(changes)


def _sentences(entry: Entry) -> list[str]:
    parts = (entry.title, entry.summary, entry.text)
    found = [sentence for part in parts for sentence in sentences(part)]
    return [" ".join(sentence.split()) for sentence in found[:MOST]]
