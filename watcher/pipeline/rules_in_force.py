"""What the rules find in an item: the hits of their conditions, and how those with examples rank it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from storage.rankings import NewRanking
from watcher import canary
from watcher.model import Entry, Match, Priority, Rule, Source, Span
from watcher.pipeline import entries
from watcher.ranking.ranked_text import RankedText
from watcher.ranking.ranker import Ranker, Ranking
from watcher.ranking.tiers import Tier
from watcher.rulebook import Rulebook
from watcher.rulebook.claims import RuleKey
from watcher.rulebook.teaching import ranked_text
from watcher.text.sentences import sentence_spans

_STORED_BELOW_FLOOR = 0.5
"""Share of the floor from which a ranking is stored: what is lower is hardly about the claim, and there is much."""

RuleIds = Collection[tuple[str, str]]
"""Ids of claims, each with that of its rule."""


@dataclass(frozen=True, slots=True)
class Rules:
    """All that finds something in items: conditions, and what was learnt from examples."""

    book: Rulebook
    ranker: Ranker[RuleKey]

    def matched(self, entry: Entry, source: Source, before: RuleIds = ()) -> Matched:
        """Return what the rules find in an item.

        ``before``: the rules that the item hit when it read otherwise. One of them that ranks goes on hitting while
        the item could be a line: an edit that costs it a little is no reason to withdraw what was told.
        """
        document = entries.document(entry, source)
        hits = {RuleKey(match.claim_id, match.rule_id): match for match in self.book.match(source, document)}
        hits = {key: replace(match, at_once=self._is_always(key)) for key, match in hits.items()}
        rankings = []
        for key, ranking in self._ranked(entry, source).items():
            stored = self._stored(ranking)
            rankings += [stored] if _counts(ranking) else []
            if key in hits and not hits[key].suppressed_by:
                at_once = hits[key].at_once or ranking.tier is Tier.NOW
                hits[key] = replace(hits[key], at_once=at_once, score=stored.score, resembles=stored.resembles)
            elif self._is_hit(ranking, goes_on=key in before):
                hits[key] = ranked_match(stored, priority(self.book.rules[key], source), document.parts)
        return Matched(tuple(hits.values()), tuple(rankings))

    def near(self, entry: Entry, source: Source) -> bool:
        """Return whether any rule would rank the item: then all of its text is wanted."""
        return any(self._listens(key, source) for key in self.ranker.near(text_of(entry, source)))

    def _ranked(self, entry: Entry, source: Source) -> dict[RuleKey, Ranking[RuleKey]]:
        rankings = self.ranker.rank(text_of(entry, source)) if self.ranker.rules else []
        return {ranking.rule: ranking for ranking in rankings if self._listens(ranking.rule, source)}

    def _listens(self, key: RuleKey, source: Source) -> bool:
        return source.kind != canary.SOURCE.kind and key in self.book.rules and self.book.rules[key].listens_to(source)

    def _is_always(self, key: RuleKey) -> bool:
        return key in self.book.rules and self.book.rules[key].always  # the canary's rule is in no file

    def _is_hit(self, ranking: Ranking[RuleKey], *, goes_on: bool) -> bool:
        if self.book.rules[ranking.rule].priority is Priority.DIGEST:
            return False
        return ranking.tier is Tier.NOW or (goes_on and ranking.tier is Tier.LINE)

    def _stored(self, ranking: Ranking[RuleKey]) -> NewRanking:
        passage, below = ranking.passage.text, ranking.tier is Tier.BELOW
        return NewRanking(
            claim_id=ranking.rule.claim,
            rule_id=ranking.rule.rule,
            score=ranking.score,
            floor=ranking.floor,
            tier=ranking.tier.value,
            passage=passage,
            resembles="" if below else self.ranker.resembles(ranking.rule, passage),
        )


@dataclass(frozen=True, slots=True)
class Matched:
    """What the rules found in an item."""

    matches: tuple[Match, ...]
    """What hits: conditions, and ranks that are told at once."""
    rankings: tuple[NewRanking, ...]
    """How it ranks, to be stored: what is no hit competes for the lines of the day's digest."""

    def of(self, rules: RuleIds) -> Matched:
        """Return what these of the rules found."""
        return Matched(
            tuple(match for match in self.matches if (match.claim_id, match.rule_id) in rules),
            tuple(ranking for ranking in self.rankings if (ranking.claim_id, ranking.rule_id) in rules),
        )


def priority(rule: Rule, source: Source) -> Priority:
    """Return how urgent an item is that ranks as told at once: the rule's priority, and urgent only if official."""
    return Priority.NORMAL if rule.priority is Priority.URGENT and not source.official else rule.priority


def ranked_match(ranking: NewRanking, pressing: Priority, parts: Mapping[str, str]) -> Match:
    """Return the hit of a rule that ranks an item as told at once, its passage as the spans.

    ``pressing``: how urgent it is. ``parts``: the texts that spans point into.
    """
    return Match(
        claim_id=ranking.claim_id,
        rule_id=ranking.rule_id,
        spans=tuple(dict.fromkeys(_spans(ranking.passage, parts))),
        priority=pressing,
        at_once=True,
        ranked_alone=True,
        score=ranking.score,
        resembles=ranking.resembles,
    )


def text_of(entry: Entry, source: Source) -> RankedText:
    """Return what of an item is ranked."""
    return ranked_text(source, title=entry.title, summary=entry.summary, text=entry.text, outlet=entry.outlet)


def _counts(ranking: Ranking[RuleKey]) -> bool:
    return ranking.tier is not Tier.BELOW or ranking.score >= _STORED_BELOW_FLOOR * ranking.floor


def _spans(passage: str, parts: Mapping[str, str]) -> Iterator[Span]:
    """Yield where the sentences of a passage stand in an item."""
    for start, end in sentence_spans(passage):
        sentence = passage[start:end].strip()
        for part in ("title", "lead", "text"):
            at, length = _find(sentence, parts.get(part, ""))
            if at >= 0:
                yield Span(part, at, at + length)
                break


def _find(sentence: str, text: str) -> tuple[int, int]:
    at = text.find(sentence)
    if at < 0:
        sentence = sentence.removesuffix(".")  # a title has none of its own
        at = text.find(sentence) if sentence else -1
    return at, len(sentence)
