"""Compare the sentences of an item before and after an edit. Pure."""

from __future__ import annotations

from difflib import SequenceMatcher
from itertools import zip_longest

from watcher.messages import SentenceChange
from watcher.model import Entry
from watcher.text.sentences import sentences

MAX_SENTENCES = 200
"""Sentences that are compared, from the beginning of each text: the time grows with their square."""


def changed_sentences(before: Entry, after: Entry) -> tuple[SentenceChange, ...]:
    """Return each sentence that was added, removed or replaced, in the order of the text."""
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
    return [" ".join(sentence.split()) for sentence in found[:MAX_SENTENCES]]
