"""Draft the rule file of a claim from a published fact-check, for a person to correct. Pure.

What no page says is left to that person, and said: what would change the verdict, and which items only look like it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, takewhile
from urllib.parse import urlsplit

import yaml

from watcher.judging.cues import CueKind, cues
from watcher.judging.idf import Idf
from watcher.judging.topic_words import surface, terms
from watcher.model import ConfigError
from watcher.reading.results import ClaimReview, FactCheck
from watcher.text.folding import fold
from watcher.text.humanize import pluralize
from watcher.text.lines import one_line
from watcher.text.links import web_link
from watcher.text.names import names
from watcher.text.sentences import sentences

LIKELY, UNLIKELY = 6, 12
"""How many examples a rule should have of items to tell at once, and of items that only look like it."""
NO_RATING = "Unrated"
"""Where the page gives no verdict; counts as unverified."""
_MAX_UNLIKELY = 6
"""Taken from the article, which hardly has what is hard to tell apart from news: a person must write that."""
_RULE_ID = "new-evidence"
_LINES = 10
_MAX_NAMES, _MAX_WORDS = 10, 12
_MAX_COUNTED = 1_000
"""Names of an article that are looked at, the most frequent ones."""
_MAX_CHARS = 1_000
_MAX_CLAIM_CHARS = 200
"""A longer claim is more than one statement."""
_MIN_WORD_CHARS = 2
_MAX_ID_CHARS = 40
_EXAMPLE_CHARS = range(30, 301)
_NEAR, _RELATED = 0.4, 0.15
"""Which share of the claim's words, by their weight, a sentence about the claim has, and one of the same subject."""
_NO_NEWS = frozenset({CueKind.DENY, CueKind.NEG, CueKind.CORRECT, CueKind.HEDGE})
"""A sentence with such wording denies the claim, asks, or repeats what others claim."""
_LABEL = re.compile(r"\A(?:fact[- ]?check(?:ed|ing)?|verify)\s*[:|]\s*", re.IGNORECASE)
_QUOTES = ' "“”'
_NOT_OF_IDS = re.compile(r"[^a-z0-9]+")
_SCALE = ((0.0, "False"), (0.49, "Mostly false"), (0.51, "Half true"), (0.99, "Mostly true"), (1.0, "True"))
"""What Google makes of the numbers 1 to 5, as shares of the scale: up to each of them its words are used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimDraft:
    """What the rule file of a claim can begin with."""

    id: str
    claim: str
    verdict: str
    url: str = ""
    """The address of the fact-check; empty if unknown, like the next two."""
    published: str = ""
    """The day, like 2026-01-20."""
    outlet: str = ""
    who: tuple[str, ...] = ()
    """Names, the claim's own first."""
    what: tuple[str, ...] = ()
    """The other words of the claim that tell something, in small letters."""
    likely: tuple[str, ...] = ()
    """What an item that should be told at once might say."""
    unlikely: tuple[str, ...] = ()
    """What is said of the same subject and is no news."""
    remarks: tuple[str, ...] = ()
    """What a person has to correct, each beginning with the key that it is about."""


def draft(found: FactCheck, address: str = "") -> ClaimDraft:
    """Return the draft of a claim's file; ``address`` is where the fact-check was found on the web.

    Raise ConfigError when it holds no statement.
    """
    review = found.reviews[0] if found.reviews else ClaimReview()
    claim = _LABEL.sub("", _line(review.claim or found.article.title)).strip(_QUOTES)
    if not terms(claim):
        raise ConfigError("there is neither a ClaimReview nor an article to draft a claim from")
    text = found.article.text or review.text
    outlet = _line(review.outlet or found.outlet)
    who = _who(claim, text, outlet)
    likely, unlikely = _examples(claim, text, asserted=bool(review.claim) and not claim.endswith("?"))
    drafted = ClaimDraft(
        id=_id(claim),
        claim=claim,
        verdict=_verdict(review),
        url=next(filter(None, map(_public, (review.url, found.url, address))), ""),
        published=review.published or found.published,
        outlet=outlet,
        who=who,
        what=_what(claim, who),
        likely=likely,
        unlikely=unlikely,
    )
    return replace(drafted, remarks=tuple(_remarks(drafted, review, found)))


def _line(text: str) -> str:
    """Return foreign text as a rule file may hold it."""
    return one_line(text.replace("\ufeff", ""), _MAX_CHARS)


def _id(claim: str) -> str:
    words = [word for each in surface(claim).values() for word in _NOT_OF_IDS.split(fold(each)) if word]
    fitting = list(takewhile(lambda length: length <= _MAX_ID_CHARS + 1, accumulate(len(word) + 1 for word in words)))
    return "-".join(words[: len(fitting)]) or "new-claim"


def _verdict(review: ClaimReview) -> str:
    """Return the verdict in words; of a number, those of its place on the scale."""
    if words := _line(review.rating):
        return words
    value, worst, best = review.value, review.worst, review.best
    if value is None or worst is None or best is None or worst >= best or not worst <= value <= best:
        return NO_RATING
    share = (value - worst) / (best - worst)
    return next(words for upto, words in _SCALE if share <= upto)


def _public(url: str) -> str:
    """Return an address that a rule file may hold: it may be public, so there is no password in it."""
    return web_link(url) if url and "@" not in urlsplit(url).netloc else ""


# ------------------------------------------------------------------------------------------------ words


def _who(claim: str, text: str, outlet: str) -> tuple[str, ...]:
    """Return the names in the claim, then those that the article has again and again, but not its outlet's."""
    common = names(f"{claim}\n\n{text}").most_common(_MAX_COUNTED)
    claimed = [name for name, _ in common if (stems := set(terms(name))) and stems <= set(terms(claim))]
    again = [name for name, count in common if count > 1]
    own = {fold(outlet), fold(outlet).partition(".")[0]}
    found = [name for name in dict.fromkeys(claimed + again) if fold(name) not in own]
    endings = tuple(f" {name}" for name in found)  # who is found as "Ray" is found as "Captain Ray"
    return tuple(name for name in found if not name.endswith(endings))[:_MAX_NAMES]


def _what(claim: str, who: Sequence[str]) -> tuple[str, ...]:
    """Return the rarest words of the claim that are in no name, in its order."""
    named = {stem for name in who for stem in terms(name)}
    words = {stem: word for stem, word in surface(claim).items() if stem not in named and len(word) >= _MIN_WORD_CHARS}
    rarest = sorted(words, key=Idf.shipped().weight, reverse=True)[:_MAX_WORDS]
    return tuple(word if word.isupper() else word.lower() for stem, word in words.items() if stem in rarest)


# ------------------------------------------------------------------------------------------------ examples


def _examples(claim: str, text: str, *, asserted: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return sentences that are like news about the claim, and others of its subject, the nearest first."""
    weights = {stem: Idf.shipped().weight(stem) for stem in terms(claim)}
    shares = {sentence: _share(weights, sentence) for sentence in map(_line, sentences(text))}
    nearest = sorted((one for one in shares if len(one) in _EXAMPLE_CHARS), key=lambda one: -shares[one])
    near = [one for one in nearest if shares[one] >= _NEAR]
    related = [one for one in nearest if _RELATED <= shares[one] < _NEAR]
    news = [one for one in near if _could_be_news(one)]
    no_news = [one for one in near if not _could_be_news(one)]
    likely = dict.fromkeys([claim, *news] if asserted else news or [claim])
    return tuple(likely)[:LIKELY], tuple(no_news + related)[:_MAX_UNLIKELY]


def _share(weights: Mapping[str, float], sentence: str) -> float:
    """Return how much of a claim a sentence has, from 0 to 1, by the weights of the claim's stems."""
    return sum(weights[stem] for stem in weights.keys() & set(terms(sentence))) / sum(weights.values())


def _could_be_news(sentence: str) -> bool:
    return not any(cue.kind in _NO_NEWS for cue in cues(sentence))


# ------------------------------------------------------------------------------------------------ what to correct


def _remarks(drafted: ClaimDraft, review: ClaimReview, found: FactCheck) -> Iterator[str]:
    yield from _of_the_page(found)
    yield from _of_the_claim(drafted, review)
    yield "about: names are found by their capitals: take out what is not of the claim, add other names for the same"
    yield "about: move the names of places to a list called place, which sources tagged local or city imply"
    yield "asks: write what an item must show to change the verdict"
    yield "like: make them sentences that only news would have" + _missing(drafted.likely, LIKELY)
    yield "unlike: make them sentences that look like it but are not news" + _missing(drafted.unlikely, UNLIKELY)


def _of_the_page(found: FactCheck) -> Iterator[str]:
    if found.article.blocked:
        yield f"the article could not be read completely: {_line(found.article.blocked)}"
    if found.unreadable:
        yield f"{pluralize(found.unreadable, 'block')} of JSON-LD on the page cannot be read"
    if len(found.reviews) > 1:
        others = "; ".join(one_line(review.claim, 80) for review in found.reviews[1:])
        yield f"claim: the page reviews {len(found.reviews)} claims, and this is the first; the others: {others}"


def _of_the_claim(drafted: ClaimDraft, review: ClaimReview) -> Iterator[str]:
    if not review.claim:
        yield "claimReviewed: this is the title of the page, which has no ClaimReview: write the statement itself"
    elif drafted.claim.endswith("?"):
        yield "claimReviewed: this is a question: write the statement itself"
    elif len(drafted.claim) > _MAX_CLAIM_CHARS:
        yield "claimReviewed: it is long: write the one statement that could turn out otherwise"
    if drafted.verdict == NO_RATING:
        yield f"rating: none was found, and {NO_RATING} counts as unverified: write the published verdict"
    elif not review.rating:
        number = f"{review.value:g} on a scale from {review.worst:g} to {review.best:g}"
        yield f"rating: {drafted.verdict} stands for {number}: write the published verdict"
    for key, value in (("url", drafted.url), ("datePublished", drafted.published)):
        if not value:
            yield f"{key}: none was found: add it, alerts show it"


def _missing(examples: Sequence[str], wanted: int) -> str:
    return f", and write {wanted - len(examples)} more" if len(examples) < wanted else ""


# ------------------------------------------------------------------------------------------------ the file


def as_yaml(drafted: ClaimDraft) -> str:
    """Return the text of a rule file, with comments where something is to be corrected."""
    lines = [
        f"# A draft from {drafted.outlet or 'a page'}: correct it before it goes live.",
        "watch: 1",
        f"id: {drafted.id}",
        "claim:",
        f"  claimReviewed: {_quoted(drafted.claim)}",
        f"  rating: {_quoted(drafted.verdict)}",
        *([f"  url: {_quoted(drafted.url)}"] if drafted.url else []),
        *([f"  datePublished: {drafted.published}"] if drafted.published else []),
        *_about(drafted),
        "rules:",
        f"  {_RULE_ID}:",
        f"    asks: {_quoted(_question(drafted.claim))}",
        "    bearing: against-verdict",
        *_listed("like", drafted.likely, LIKELY, "sentences that only news would have"),
        *_listed("unlike", drafted.unlikely, UNLIKELY, "sentences that look like it but are not news"),
        f"    lines: {_LINES}",
    ]
    return "".join(f"{line}\n" for line in lines)


def _question(claim: str) -> str:
    """Return a question that adds no word to the claim's: the words of a rule's question are evidence too."""
    return f"Is it so after all: {one_line(claim, _MAX_CLAIM_CHARS).rstrip('.?')}?"


def _about(drafted: ClaimDraft) -> list[str]:
    lists = [(key, words) for key, words in (("who", drafted.who), ("what", drafted.what)) if words]
    return ["about:", *(f"  {key}: {_in_brackets(words)}" for key, words in lists)] if lists else []


def _listed(key: str, examples: Sequence[str], wanted: int, what: str) -> list[str]:
    """Return a list of examples, with what is missing in a comment; without any, the comment alone."""
    lines = [f"    {key}:", *(f"      - {_quoted(example)}" for example in examples)] if examples else []
    missing = wanted - len(examples)
    return [*lines, f"      # {key}: {missing} more, {what}"] if missing else lines


def _quoted(text: str) -> str:
    """Return a text in double quotes, which mean the same in YAML as in JSON."""
    return json.dumps(text, ensure_ascii=False)


def _in_brackets(entries: Iterable[str]) -> str:
    written: str = yaml.safe_dump(list(entries), default_flow_style=True, width=float("inf"), allow_unicode=True)
    return written.rstrip("\n")
