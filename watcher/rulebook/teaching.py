"""What a claim's file teaches its rules that rank by examples."""

from __future__ import annotations

from collections.abc import Iterator

from watcher.model import Source
from watcher.ranking.ranked_text import RankedText
from watcher.ranking.syllabus import Example, Syllabus
from watcher.rulebook.file_models import ClaimFile, RuleModel, TestModel
from watcher.rulebook.sources import SourceNames

PLACE = "place"
"""The list of ``about`` that sources of the place imply."""
_LOCAL = frozenset({"local", "city"})


def ranked_text(source: Source | None, *, title: str, summary: str, text: str, outlet: str = "") -> RankedText:
    """Return what of an item is ranked. ``source``: None for an item of nobody's, as a test may be."""
    body = text if summary in text else f"{summary}\n\n{text}".strip()
    if source is None:
        return RankedText(title, body, outlet)
    published_by = f"{outlet} {source.id}".replace("-", " ").strip()
    return RankedText(title, body, published_by, local=not source.tags.isdisjoint(_LOCAL))


def syllabuses(content: ClaimFile, names: SourceNames) -> Iterator[tuple[str, Syllabus]]:
    """Return each rule of the file that ranks, with what it is taught with."""
    lists = {name: tuple(listed) for name, listed in content.about.items()}
    for rule_id, rule in content.rules.items():
        if rule.like:
            yield (
                rule_id,
                Syllabus(
                    claim=f"{content.claim.claimReviewed} {rule.asks}".strip(),
                    lists=lists,
                    examples=tuple(_examples(content, rule_id, rule, names)),
                    relation=rule.relation,
                ),
            )


def _examples(content: ClaimFile, rule_id: str, rule: RuleModel, names: SourceNames) -> Iterator[Example]:
    if rule.learns_from_tests:
        for number, test in enumerate(content.tests, start=1):
            if rule_id in test.expect or rule_id in test.unlike or not (test.expect or test.unlike):
                yield Example(_item(test, names), rule_id in test.expect, f"test {number}")
    else:
        for number, sentence in enumerate(rule.like, start=1):
            yield Example(RankedText(sentence), True, f"like {number}")
    for number, sentence in enumerate(rule.unlike, start=1):
        yield Example(RankedText(sentence), False, f"unlike {number}")


def _item(test: TestModel, names: SourceNames) -> RankedText:
    source = next(iter(names.of(test.source or "")), None)
    return ranked_text(source, title=test.title, summary=test.summary, text=test.text)
