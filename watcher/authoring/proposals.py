"""Turn a stored item into an inline test: the shortest part of it on which the rules decide as on the whole."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from pydantic import ValidationError

from watcher.matching import Document
from watcher.model import Entry, Source
from watcher.pipeline import entries
from watcher.rulebook import Rulebook, yaml_nodes
from watcher.rulebook.claims import RuleKey
from watcher.rulebook.file_models import TestModel
from watcher.text.lines import plain
from watcher.text.sentences import sentence_spans

_INDENT = 2
_MAX_SENTENCES = 200
"""How many sentences of a text are tried; if only later ones hit, the test holds the whole text."""
_MAX_TEXT_CHARS = 20_000


@dataclass(frozen=True, slots=True)
class Proposal:
    """A test to add to a rule file."""

    file: str
    """Relative to the rules' directory."""
    text: str
    """YAML to paste at the end of the file's ``tests``; includes that key if the file has none."""
    expect: tuple[str, ...]


def propose(
    book: Rulebook, claim_id: str, entry: Entry, source_id: str, expect: Collection[str] | None = None
) -> Proposal:
    """Return a test of a claim made from an item. With ``expect`` None it expects the rules that hit the item now."""
    source = next((source for source in book.sources if source.id == source_id), None)
    whole = _testable(entry)
    now = _hits(book, claim_id, entries.document(entry, source or _nowhere()), source)
    least = next((each for each in _shortened(whole, now) if _judged(book, claim_id, each, source) == now), whole)
    wanted = sorted(now if expect is None else expect)
    file, root = _file_of(book, claim_id)
    return Proposal(file, _as_yaml(least, source, wanted, root), tuple(wanted))


def _judged(book: Rulebook, claim_id: str, item: Entry, source: Source | None) -> frozenset[str]:
    document = Document.of(
        title=item.title,
        summary=item.summary,
        text=item.text,
        author=item.author,
        source=source.names if source else (),
        tags=item.tags,
        url=item.link,
    )
    return _hits(book, claim_id, document, source)


def _hits(book: Rulebook, claim_id: str, document: Document, source: Source | None) -> frozenset[str]:
    """Return the ids of the claim's rules that hit and are not suppressed, as the loader determines them in a test."""
    rules = [rule for rule in book.claim(claim_id).rules if source is None or rule.listens_to(source)]
    hits = {RuleKey(claim_id, rule.id) for rule in rules} & set(book.matcher.hits(document))
    return frozenset(key.rule for key in hits if not book.matcher.explain(key, document).suppressed_by)


def _nowhere() -> Source:
    return Source(id="", kind="", url="")


def _testable(entry: Entry) -> Entry:
    """Return the content of an item, as far as a test can hold it."""
    tags = tuple(tag for tag in map(_clean, entry.tags) if tag)
    return Entry(
        title=_taken("title", _clean(entry.title)),
        summary=_taken("summary", _clean(entry.summary)),
        text=_taken("text", _clean(entry.text)[:_MAX_TEXT_CHARS]),
        author=_taken("author", _clean(entry.author)),
        link=_taken("url", entry.link),
        tags=tags if _is_taken("tags", tags) else (),
    )


def _taken(name: str, text: str) -> str:
    """Return the text; empty where a test cannot hold it."""
    return text if _is_taken(name, text) else ""


def _clean(text: str) -> str:
    """Return a text without the characters that a rule file must not contain."""
    return plain(text).replace("\ufeff", "").strip()


def _is_taken(name: str, value: str | tuple[str, ...]) -> bool:
    try:
        TestModel.model_validate({"expect": [], name: value})
    except ValidationError:
        return False
    return True


def _shortened(whole: Entry, hits: Collection[str]) -> Iterator[Entry]:
    """Yield the item from its title alone to all of it. If no rule hits it, a title alone would prove too little."""
    title = Entry(title=whole.title)
    for least in (title, replace(title, author=whole.author, link=whole.link, tags=whole.tags)):
        if hits:
            yield least
        yield replace(least, summary=whole.summary)
        for sentences in _windows(whole.text):
            yield replace(least, text=sentences)
    yield replace(whole, author="", link="", tags=())


def _windows(text: str) -> Iterator[str]:
    """Yield each sentence of a text, then each three in a row."""
    spans = sentence_spans(text)[:_MAX_SENTENCES]
    for size in (1, 3):
        for first in range(len(spans) - size + 1):
            yield text[spans[first][0] : spans[first + size - 1][1]].strip()


def _file_of(book: Rulebook, claim_id: str) -> tuple[str, yaml_nodes.Node]:
    """Return the name and the nodes of the file that defines a claim."""
    for file, text in book.files.items():
        root, _ = yaml_nodes.compose(file, text)
        if root is not None and any(scalar.text == claim_id for _, scalar in yaml_nodes.scalars(root, "id")):
            return file, root
    raise KeyError(claim_id)


def _as_yaml(item: Entry, source: Source | None, expect: Sequence[str], root: yaml_nodes.Node) -> str:
    keys = {
        "title": item.title,
        "summary": item.summary,
        "text": item.text,
        "author": item.author,
        "url": item.link,
        "tags": item.tags,
        "source": source.id if source else "",
    }
    shown = {name: value for name, value in keys.items() if value} | {"expect": expect}
    tests = yaml_nodes.find(root, ("tests",))
    indent = " " * (
        tests.position.column - 1 if isinstance(tests, yaml_nodes.SequenceNode) and tests.items else _INDENT
    )
    lines = [f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in shown.items()]
    written = "\n".join(f"{indent}{'- ' if place == 0 else '  '}{line}" for place, line in enumerate(lines))
    return written if tests is not None else f"tests:\n{written}"
