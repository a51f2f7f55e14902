"""The judgement: how much an item bears on the published verdict of a claim, and why.

The score orders alerts; it never decides whether a rule hit is kept. It is the product of five factors, each explained
in words: topic (is it about this?), core (does it have the point, or only the subject?), direction (how is it worded?)
weighed by the verdict, the source, and novelty. It uses no model: everything can be checked in the text.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from math import exp
from typing import NamedTuple

from watcher.judging.cues import Cue, CueKind, cues
from watcher.judging.idf import Idf
from watcher.judging.topic import Topics
from watcher.judging.topic_words import surface, terms
from watcher.judging.verdicts import verdict_weights
from watcher.model import Bearing, Claim, Impact, Priority, Span
from watcher.text.sentences import sentence_spans

_NEAR_MISS_TOPIC = 0.7
"""Topic. Chosen on FNC-1 (headlines against 904 articles), where half of the items above it are about the claim."""
_SUMMARY_NEAR_MISS_TOPIC = 0.5
"""Topic. Lower than for a whole text, for a summary has fewer words (on FNC-1 a whole text has a precision of 0.61
at 90 % recall, its first 300 characters 0.41). How much lower was chosen by hand."""
_STRONG_TOPIC = 1.1
"""Topic from which four in five items are about the claim's subject (FNC-1)."""
_LIKELY_TOPIC = 0.8
"""Topic. Chosen by hand, between a near miss and a strong topic."""
_OFFICIAL_FACTOR = 1.25
"""Factor. Chosen by hand: no data were at hand in which sources are marked as official."""
_SUBJECT_ONLY_FACTOR = 0.5
"""Factor for an item that has the subject of the claim but not its point. Chosen by hand, not tuned."""
_CORE_FLOOR = 0.6
"""Share of the impact that an item keeps without any word of the core, so that a paraphrase is not lost. By hand."""
_MAX_CUES_SHOWN = 4
"""Cues named in a reason; nobody reads a longer line."""
_MIN_MESSAGE_IMPACT = 25
"""Impact from which a normal rule's hit is a message at once. Chosen by hand."""
_MIN_DIGEST_IMPACT = 5
"""Impact from which a digest rule's hit is a line of the digest. Chosen by hand."""


class Novelty(StrEnum):
    """How new an item is, compared with those seen before."""

    NEW = "new"
    COPY = "copy"
    EXTENDED = "extended"


_NOVELTY = {Novelty.NEW: 1.0, Novelty.EXTENDED: 1.0, Novelty.COPY: 0.3}
"""Factors. A longer version counts in full: in 39 % of copy pairs most of it is fresh. 0.3 was chosen by hand."""


class Attention(StrEnum):
    """How soon people hear of a rule hit."""

    NOW = "now"
    DIGEST = "digest"
    LOG = "log"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """An item as it is judged."""

    title: str
    lead: str = ""
    text: str = ""
    """All text below the title, including the lead."""
    official: bool = False
    novelty: Novelty = Novelty.NEW
    summary_only: bool = False
    """Whether the source gave only a summary and the full text could not be read."""


@dataclass(frozen=True, slots=True)
class _Wording:
    """The cues of an item, without those that are the claim's own words."""

    direction: str
    cues: tuple[tuple[str, Cue], ...]

    def of(self, *kinds: CueKind) -> str:
        """Return the first few cues of these kinds, as text; empty if there are none."""
        written = dict.fromkeys(f'"{cue.text.strip()}"' for _, cue in self.cues if cue.kind in kinds)
        return ", ".join(list(written)[:_MAX_CUES_SHOWN])

    def spans(self) -> tuple[Span, ...]:
        return tuple(Span(part, cue.start, cue.end) for part, cue in self.cues)


@dataclass(frozen=True, slots=True, kw_only=True)
class Factors:
    """The factors of the impact of an item."""

    topic: float
    """How likely the item is about the claim's subject, from 0 to 1: always below 1, however high the topic."""
    core: float
    """How much of the claim's core is there, from ``_CORE_FLOOR`` to 1."""
    point: float
    """1 if the point of the claim was found, less if there is only its subject."""
    verdict: float
    """How much wording like the item's counts against the published verdict, from 0 to 1."""
    novelty: float
    """Less than 1 for a copy of an item seen before."""
    source: float
    """More than 1 for an official source."""

    @property
    def score(self) -> int:
        """Return the impact, from 0 to 100."""
        product = self.topic * self.core * self.point * self.verdict * self.novelty * self.source
        return min(100, round(100 * product))


class _Point(NamedTuple):
    """Whether an item has the point of a claim."""

    share: float
    """The share of the claim's core that is there, from 0 to 1."""
    found: bool
    reason: str


class Judge:
    """Judges items against a set of claims. It never changes: make a new one when claims or word counts change."""

    def __init__(self, claims: Iterable[Claim], idf: Idf) -> None:
        texts = {claim.id: claim.claim_reviewed for claim in claims}
        self._topics = Topics.of(texts, idf)
        self._surface = {claim: surface(text) for claim, text in texts.items()}
        self._own_cues = {claim: frozenset(cue.key for cue in cues(text)) for claim, text in texts.items()}
        self._telling_words = self._topics.telling_words()

    def topics(self, *, title: str, text: str) -> dict[str, float]:
        """Return the topic of every claim that shares a word with the item; see ``is_near_miss`` for the scale."""
        return self._topics.scores(title=title, text=text)

    def impact(
        self,
        claim_id: str,
        case: Case,
        *,
        topic: float,
        rating: str,
        hit: Bearing | None = None,
        rank: float | None = None,
    ) -> Impact:
        """Judge an item against a claim whose verdict is ``rating`` at this moment.

        ``rank``: the score by a rule that learnt from examples, if one ranks the item; it takes the place of topic and
        core, since it says better whether the item is meant.

        ``hit``: the bearing of the rules that hit. A rule that bears on the verdict has found the point of the claim
        and makes the topic strong, since it may know names that the claim's sentence does not have; a rule that gives
        context makes the topic likely, and the claim's core is searched for, as it is if no rule hit (None). Raises
        KeyError for a claim the judge was not built with.
        """
        bears = hit in {Bearing.AGAINST, Bearing.FOR}
        point = self._point(claim_id, case, bears)
        wording = self._wording(claim_id, case)
        verdict = verdict_weights(rating)
        weight = verdict.weight(wording.direction)
        about = 1 - exp(-(max(topic, _STRONG_TOPIC if bears else _LIKELY_TOPIC) if hit else topic))
        factors = Factors(
            topic=about if rank is None else min(1.0, max(0.0, rank)),
            core=_CORE_FLOOR + (1 - _CORE_FLOOR) * point.share if rank is None else 1.0,
            point=1.0 if point.found or hit else _SUBJECT_ONLY_FACTOR,
            verdict=weight,
            novelty=_NOVELTY[case.novelty],
            source=_OFFICIAL_FACTOR if case.official else 1.0,
        )
        reasons = (
            *(
                (self._about(claim_id, case, topic), point.reason)
                if rank is None
                else (f"ranked {rank:.2f} by the examples of its rule",)
            ),
            *(["a rule for context hit, which counts as a likely topic"] if hit is Bearing.CONTEXT else []),
            *_said(wording),
            f'published verdict "{rating}", weighed as {verdict.name}: {_WORDING[wording.direction]} counts {weight:g}',
            *_circumstances(case),
        )
        direction = wording.direction if point.found or wording.direction == "denies" else "mentions"
        return Impact(score=factors.score, reasons=reasons, direction=direction, spans=wording.spans())

    def _point(self, claim_id: str, case: Case, found_by_rule: bool) -> _Point:
        if found_by_rule:
            return _Point(1.0, found=True, reason="a rule found the point of the claim, which counts as a strong topic")
        words = self._telling_words[claim_id]
        have = _stems(case)
        there = words.keys() & have
        share = sum(words[stem] for stem in there) / (sum(words.values()) or 1.0)
        if not there:
            absent = ", ".join(shown for stem, shown in self._surface[claim_id].items() if stem not in have)
            reason = "mentions the subject, not the point" + (f"; absent: {absent}" if absent else "")
            return _Point(share, found=False, reason=reason)
        return _Point(share, found=True, reason=f"{share:.0%} of the claim's telling words are there")

    def _wording(self, claim_id: str, case: Case) -> _Wording:
        own = self._own_cues[claim_id]
        found = [("title", cue) for cue in cues(case.title) if cue.key not in own]
        words = self._topics.words[claim_id].keys()
        wanted = min(2, len(words))  # of the claim's words in the sentence that a cue of the lead stands in
        beside = [cue for cue, stems in _lead_cues(case.lead) if len(words & stems) >= wanted]
        found += [("lead", cue) for cue in beside if cue.key not in own]
        kinds = {cue.kind for _, cue in found}
        if kinds & {CueKind.DENY, CueKind.NEG}:
            direction = "denies"
        else:
            direction = "reports" if CueKind.HEDGE in kinds else "asserts"
        return _Wording(direction, tuple(found))

    def _about(self, claim_id: str, case: Case, topic: float) -> str:
        have = _stems(case)
        shared = [shown for stem, shown in self._surface[claim_id].items() if stem in have]
        strength = "strong" if topic >= _STRONG_TOPIC else "likely" if topic >= _LIKELY_TOPIC else "weak"
        return f"topic {topic:.2f} ({strength}), words of the claim: {', '.join(shared) or 'none'}"


def is_near_miss(topic: float, *, summary_only: bool = False) -> bool:
    """Return whether an item without a rule hit is close enough to a claim to be kept and shown as a near miss.

    From 0.7 on, half of the items are about the claim, and 93 % of the items about a claim reach it. A summary has
    fewer words to match, so its threshold is lower.
    """
    return topic >= (_SUMMARY_NEAR_MISS_TOPIC if summary_only else _NEAR_MISS_TOPIC)


def attention(score: int, priority: Priority, *, at_once: bool = False) -> Attention:
    """Return how soon people hear of a rule hit: urgent ones at once whatever the score, others depending on it.

    ``at_once``: whether it ranks so high, or hits a condition so certain, that its score does not count.
    """
    if priority is Priority.URGENT:
        return Attention.NOW
    if priority is Priority.NORMAL:
        return Attention.NOW if at_once or score >= _MIN_MESSAGE_IMPACT else Attention.DIGEST
    return Attention.DIGEST if at_once or score >= _MIN_DIGEST_IMPACT else Attention.LOG


_WORDING = {
    "asserts": "wording that asserts",
    "denies": "denial wording",
    "reports": "unconfirmed wording",
}


@lru_cache(maxsize=64)
def _stems(case: Case) -> frozenset[str]:
    return frozenset(terms(f"{case.title}. {case.text or case.lead}"))


@lru_cache(maxsize=64)
def _lead_cues(lead: str) -> tuple[tuple[Cue, frozenset[str]], ...]:
    """Return the cues of a lead, each with the stems of its sentence."""
    sentences = [(start, end, frozenset(terms(lead[start:end]))) for start, end in sentence_spans(lead)]
    return tuple((cue, stems) for cue in cues(lead) for start, end, stems in sentences if start <= cue.start < end)


def _said(wording: _Wording) -> Iterable[str]:
    denying = wording.of(CueKind.DENY, CueKind.NEG)
    hedging = wording.of(CueKind.HEDGE)
    if denying:
        yield f"denial wording near the match: {denying}"
    if hedging:
        yield f"unconfirmed wording: {hedging}"
    if not denying and not hedging:
        yield "no denial and no hedge in title or lead"
    for kind in (CueKind.CONFIRM, CueKind.PROBE, CueKind.CORRECT):
        if written := wording.of(kind):
            yield f"{kind} wording: {written}"


def _circumstances(case: Case) -> Iterable[str]:
    if case.official:
        yield f"official source: times {_OFFICIAL_FACTOR:g}"
    if case.novelty is Novelty.COPY:
        yield f"copy of an item seen before: times {_NOVELTY[Novelty.COPY]:g}"
    if case.novelty is Novelty.EXTENDED:
        yield "a longer version of an item seen before, more than half of it fresh"
    if case.summary_only:
        yield "summary only: the full text could not be read"
