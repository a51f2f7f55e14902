"""The tests inside a rule file, run through the same matcher as the news."""

from __future__ import annotations

from collections.abc import Iterator

from watcher.matching import Document, Hit, Matcher
from watcher.messages.layout import Mark
from watcher.messages.quote import quotes
from watcher.model import Source
from watcher.rulebook import yaml_nodes
from watcher.rulebook.claims import Draft, RuleKey
from watcher.rulebook.file_models import TestModel
from watcher.rulebook.problems import Problem
from watcher.rulebook.sources import SourceNames


def run_inline_tests(draft: Draft, matcher: Matcher, names: SourceNames) -> list[Problem]:
    """Every test of the file whose rules did not hit exactly as it says."""
    assert draft.content
    return [
        Problem.at(draft.file, position, message)
        for (path, _), test in zip(yaml_nodes.select(draft.root, "tests", "*"), draft.content.tests, strict=True)
        for message in _failures(draft, test, matcher, names)
        for position in (yaml_nodes.locate(draft.root, path),)
    ]


def _failures(draft: Draft, test: TestModel, matcher: Matcher, names: SourceNames) -> Iterator[str]:
    assert draft.claim
    source = next(iter(names.of(test.source or "")), None)
    document = _document(test, source)
    hit_keys = set(matcher.hits(document))
    hits = {
        rule.id: matcher.explain(key, document)
        for rule in draft.claim.rules
        for key in (RuleKey(draft.claim.id, rule.id),)
        if key in hit_keys and (source is None or rule.listens_to(source))
    }
    standing = {rule for rule, hit in hits.items() if not hit.suppressed_by}
    for rule in sorted(standing - set(test.expect)):
        yield f"this test does not expect {rule}, but it hits: {_marked(document, hits[rule])}"
    ranked = {rule.id for rule in draft.claim.rules if rule.ranks}  # what they learnt is shown, and is no mistake
    for rule in sorted(set(test.expect) - standing - ranked):
        why = "it does not hit"
        if hit := hits.get(rule):
            why = f"its hit is suppressed by {hit.suppressed_by!r}: {_marked(document, hit)}"
        yield f"this test expects {rule}, but {why}"
    taken = {name for hit in hits.values() for name in hit.suppressed_by.split(", ")}
    for name in sorted(set(test.suppressed_by) - taken):
        yield f"this test expects {name} to suppress a hit, but it suppresses none"


def _document(test: TestModel, source: Source | None) -> Document:
    return Document.of(
        title=test.title,
        summary=test.summary,
        text=test.text,
        author=test.author,
        source=source.names if source else (),
        tags=test.tags,
        url=test.url,
    )


def _marked(document: Document, hit: Hit) -> str:
    """The sentences that hit, the words that made it in double brackets."""
    return " / ".join(
        "".join(f"[[{piece.text}]]" if isinstance(piece, Mark) else str(piece) for piece in quote.line)
        for quote in quotes(document.parts, hit.spans)
    )
