"""The label of an alert: what the passage that matched says, and how that is known.

The matched sentence counts first, the title and the sentences around it where that one leaves it open. A label orders
and words an alert and nothing depends on it: impact, which weighs the wording of title and lead, knows nothing of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from watcher.judging.attribution import Known, attribution
from watcher.judging.cues import Cue, CueKind, cues
from watcher.judging.topic_words import terms
from watcher.model import Attribution, Direction, Label, Span
from watcher.text.folding import fold, straighten
from watcher.text.lines import collapsed
from watcher.text.sentences import sentence_spans, sentences

_MAX_CHARS = 1_000
"""Characters of a passage that are read, about the longest sentence that people write."""
_SCOPE_WORDS = 6
"""Words after a negation that it can negate, as in NegEx."""
_SUBJECT_WORDS = 2
"""Words of the statement that stand before a negation, in its clause, where that has the subject of the statement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """What of an item matched, and what stands around it."""

    text: str
    """The sentence that matched, or two that follow each other."""
    title: str = ""
    """The title of the item; empty where the title is the passage."""
    before: str = ""
    """The sentence before; empty if there is none."""
    after: str = ""
    official: bool = False
    """Whether its source is official."""


def matched_passage(parts: Mapping[str, str], spans: Iterable[Span], *, official: bool = False) -> Passage:
    """Return the sentence with most of the matched words, of several the first; without spans it is the title.

    ``parts``: the texts that the spans point into; the title is the part ``title``.
    """
    title = parts.get("title", "")
    matched = tuple(spans)
    best, most = Passage(text=title, official=official), 0
    for part, text in parts.items():
        inside = [span for span in matched if span.part == part]
        borders = sentence_spans(text) if inside else []
        for at, (start, end) in enumerate(borders):
            words = {fold(text[span.start : span.end]) for span in inside if start <= span.start < end}
            if len(words) > most:
                most = len(words)
                before, after = borders[at - 1 : at] if at else [], borders[at + 1 : at + 2]
                best = Passage(
                    text=text[start:end],
                    title="" if part == "title" else title,
                    before="".join(text[slice(*each)] for each in before),
                    after="".join(text[slice(*each)] for each in after),
                    official=official,
                )
    return best


def label(passage: Passage, claim_reviewed: str) -> Label:
    """Return what a passage says about the statement of a claim, and how that is known."""
    claim = _Statement.of(claim_reviewed)
    known = _known(passage)
    said = _said(passage, claim, known)
    if said.direction is Direction.DENIES and known.attribution is Attribution.HEARSAY:
        known = Known()  # "the rumour is false": it is what is denied, not who says so
    return Label(
        direction=said.direction,
        direction_words=said.words,
        known=known.attribution,
        known_words=known.words,
    )


class _Said(NamedTuple):
    """A direction and the words that show it."""

    direction: Direction
    words: str = ""


@dataclass(frozen=True, slots=True)
class _Statement:
    """What is claimed, as wording is compared with it."""

    stems: frozenset[str]
    own_cues: frozenset[tuple[str, ...]]
    """Cues that are the claim's own words: they deny nothing of it."""
    negative: bool
    """Whether it is a negation itself, as in "no passenger was ever killed": then a negation may repeat it."""

    @staticmethod
    def of(text: str) -> _Statement:
        negative = _NEGATION.search(text) is not None
        return _Statement(frozenset(terms(text)), frozenset(cue.key for cue in cues(text)), negative)

    def is_topic_of(self, text: str) -> bool:
        """Return whether a text has two of the statement's words, or the only one."""
        return len(self.stems.intersection(terms(text))) >= min(2, len(self.stems))

    def said_in(self, sentence: str, *, attributed: str = "") -> _Said:
        """Return what one sentence says; ``attributed``: the words of it that name a record, a person or a body."""
        if asked := _QUESTION.search(sentence):
            return _Said(Direction.ASKS, asked.group())
        found = [cue for cue in cues(sentence) if cue.key not in self.own_cues]
        if denial := self._denial(sentence, found):
            return _Said(Direction.DENIES, denial)
        if asked := _WHETHER.search(sentence):
            return _Said(Direction.ASKS, asked.group())
        for cue in found:
            if cue.kind is CueKind.HEDGE and cue.text not in attributed and cue.text != "May":
                return _Said(Direction.REPORTS, cue.text)
        if guess := _SPANISH_HEDGE.search(sentence):
            return _Said(Direction.REPORTS, guess.group())
        return _Said(Direction.ASSERTS)

    def _denial(self, sentence: str, found: list[Cue]) -> str:
        """Return the words of a sentence that deny the statement; empty if there are none."""
        passed = [(each.start(), each.end()) for each in _NO_DENIAL.finditer(sentence)]

        def counts(start: int) -> bool:
            return not any(begin <= start < end for begin, end in passed)

        for cue in found:
            negates = cue.text.lower().startswith(("never", "no "))
            if cue.kind is CueKind.DENY and counts(cue.start) and not (negates and self.negative):
                return cue.text
        if denied := _SPANISH_DENIAL.search(sentence):
            return denied.group()
        for negation in [] if self.negative else _NEGATION.finditer(sentence):
            if counts(negation.start()) and self._is_negated(sentence, negation):
                return negation.group()
        return ""

    def _is_negated(self, sentence: str, negation: re.Match[str]) -> bool:
        """Return whether a negation is about the statement: one of its words follows, or it has its subject."""
        clause = _CLAUSE_END.split(sentence[negation.end() :], maxsplit=1)[0]
        follows = terms(" ".join(clause.split()[:_SCOPE_WORDS]))
        if self.stems.intersection(follows):
            return True
        so_far = sentence[: negation.end()]
        subject = re.split(rf"{_CLAUSE_END.pattern}|,", so_far)[-1] if _NEGATED_VERB.search(so_far) else ""
        return len(self.stems.intersection(terms(subject))) >= _SUBJECT_WORDS


def _said(passage: Passage, claim: _Statement, known: Known) -> _Said:
    """Return what a passage says; where it does not say it itself, the title and the next sentence decide."""
    attributed = known.words if known.attribution in _ANSWERED_FOR else ""
    said = _of_text(_read(passage.text), claim, attributed)
    if said.direction is Direction.ASKS and (answer := _ANSWER.match(_read(passage.after))):
        return _Said(Direction.DENIES if answer[1].lower() == "no" else Direction.ASSERTS, answer[1])
    if said.direction in {Direction.DENIES, Direction.ASKS}:
        return said
    title = _read(passage.title)
    if title and claim.is_topic_of(title):
        in_title = claim.said_in(title)
        if in_title.direction is Direction.DENIES or (in_title.direction is Direction.ASKS and not attributed):
            return in_title
    if said.direction is Direction.REPORTS and passage.after:
        following = claim.said_in(_read(passage.after))
        return following if following.direction is Direction.DENIES else said
    return said


def _of_text(text: str, claim: _Statement, attributed: str) -> _Said:
    """Return what one or two sentences say: a question that is followed by a sentence is answered by that."""
    said = [claim.said_in(sentence, attributed=attributed) for sentence in sentences(text)]
    denials = [each for each in said if each.direction is Direction.DENIES]
    return denials[0] if denials else said[-1] if said else _Said(Direction.ASSERTS)


def _known(passage: Passage) -> Known:
    """Return how what a passage says is known: by its own words, its source, its neighbours, its title."""
    own = attribution(passage.text)
    if own.attribution is Attribution.RECORD:
        return own
    if passage.official and own.attribution in {Attribution.NAMED, Attribution.UNKNOWN}:
        return Known(Attribution.RECORD)
    around = (attribution(text) for text in (passage.before, passage.after, passage.title))
    candidates = (own, *around)
    return next((known for known in candidates if known.attribution is not Attribution.UNKNOWN), Known())


def _read(text: str) -> str:
    return straighten(collapsed(text[:_MAX_CHARS])).strip()


_ANSWERED_FOR = frozenset({Attribution.RECORD, Attribution.NAMED})
_QUESTION = re.compile(r"\?(?=[\"')\]]*\s*\Z)|¿|(?i:\Afact.?check(?:ing|ed)?\b)")
_ANSWER = re.compile(r"[\"'(]*(yes|no)\b", re.IGNORECASE)
_WHETHER = re.compile(
    r"(?i:\b(?:ask(?:s|ed|ing)?|question(?:s|ed|ing)?|wonder\w*|inquir\w+|unclear|not (?:clear|known)|unknown|"
    r"uncertain|determin\w+|investigat\w+|examin\w+|look\w* into|review\w*|find out|verify|to see|learn|establish)"
    r"(?: [\w'-]+){0,3}? (?:whether|if)\b|\b(?:pregunt\w+|investig\w+|se desconoce|no (?:está claro|se sabe)) si\b)"
)
_NEGATION = re.compile(
    r"(?i:\b(?:no(?!\.)|not(?! (?:only|just|even|least|guilty|to mention)\b)|\w+n't|cannot|never|neither|nor|none|"
    r"nobody|zero|ning(?:ún|un[oa]s?)|nadie|nunca|jamás)\b)"
)
_CLAUSE_END = re.compile(
    r"[;:()]|\b(?i:but|although|though|because|who|which|while|when|after|before|until|since|pero|porque|aunque)\b"
)
_NEGATED_VERB = re.compile(
    r"(?i:\b(?:is|are|was|were|has|have|had|do|does|did|will|would|can|could) (?:not|never)|\w+n't|\bcannot)\Z"
)
_STATEMENTS = (
    r"(?:reports?|claims?|rumou?rs?|allegations?|accusations?|suggestions?|ideas?|notions?|accounts?|stor(?:y|ies)|"
    r"charges?|assertions?|speculation|talk|it|them|that|this|as)"
)
_NO_DENIAL = re.compile(
    r"(?i:\b(?:(?:not|never|cannot|\w+n't|no) (?:\w+ )?(?:den(?:y|ied|ying)|disput\w+|rul\w+ out|exclud\w+|doubt\w*|"
    r"contradict\w*)|"
    r"(?:not|n't) (?:\w+ )?(?:respond|reply|return|answer|comment|elaborate|specify|say|name|identify|release)\w*|"
    r"(?:why|if|whether or|or) not|"
    r"no (?:question|doubt|longer|wonder|matter|comment|choice|later|fewer|less|more than)|"
    rf"(?:is|are|was|were|be|been|being|got) (?:\w+ly )?denied|den(?:y|ies|ied|ying) (?!(?:\w+ ){{0,2}}{_STATEMENTS}\b)"
    r"(?:an?|the|his|her|their|its)? ?(?:\w+ )?(?:request|application|motion|appeal|bid|petition|permit|licen[cs]e)s?|"
    rf"(?:dismiss|reject)(?:s|es|ed|ing)?(?! (?:[\w'-]+ ){{0,3}}?{_STATEMENTS}\b))\b)"
)
"""What only looks like a denial: double negations, no answer, decisions about requests, dismissals from work."""
_SPANISH_DENIAL = re.compile(
    r"(?i:\b(?:niegan?|neg(?:ó|aron)|desmienten?|desminti(?:ó|eron)|(?:es|son) fals[oa]s?|no es (?:cierto|verdad)|"
    r"rechaz(?:a|an|ó|aron)|descart(?:a|an|ó|aron)|(?:no hay|sin) (?:pruebas?|evidencias?|indicios?|fundamento)|"
    r"bulos?)\b)"
)
_SPANISH_HEDGE = re.compile(r"(?i:\b(?:podrían?|habrían?|sería|supuest\w+|presunt\w+|al parecer|según|quizás?)\b)")
