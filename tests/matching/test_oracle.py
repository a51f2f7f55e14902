"""The matcher against an oracle that says a second time, slowly, what rules mean.

The oracle looks at every combination of words. Its texts are made of the words that they are known to consist of, so
nothing here cuts text into words or sentences.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from watcher.matching import Document, Matcher, Standing, parse

Found = frozenset[int]
"""The words of one occurrence, by number."""


@dataclass(frozen=True)
class Spoken:
    """A word of a text and where it stands."""

    surface: str
    part: str
    page: int
    paragraph: int
    sentence: int
    shouted: bool
    """Whether its part or page has no small letters."""


Text = tuple[Spoken, ...]

Nested = tuple[Any, ...]
"""A rule: its kind, then what it is made of."""

NUMBERS = {"five": 5, "twenty": 20, "30": 30, "1,200": 1200}


@dataclass(frozen=True)
class Oracle:
    """One text, asked about rules given as nested tuples: ("word", "ice"), ("near", 3, a, b) and so on."""

    words: Text

    def holds(self, rule: Nested, part: str = "") -> bool:
        kind, *rest = rule
        if kind == "and":
            return all(self.holds(each, part) for each in rest)
        if kind == "or":
            return any(self.holds(each, part) for each in rest)
        if kind == "not":
            return not self.holds(rest[0], part)
        if kind == "of":
            return sum(self.holds(each, part) for each in rest[1:]) >= int(rest[0])
        if kind == "field":
            return self.holds(rest[1], rest[0])
        return any(True for _ in self.find(rule, part))

    def find(self, rule: Nested, part: str) -> Iterator[Found]:
        kind, *rest = rule
        if kind in ("word", "phrase"):
            return self.find_phrase(rest, part)
        if kind == "range":
            return self.find_range(rest, part)
        if kind == "or":
            return (found for each in rest for found in self.find(each, part))
        within, left, right = rest
        lefts, rights = list(self.find(left, part)), list(self.find(right, part))
        if kind == "not near":
            return (a for a in lefts if not any(self.touch(a, b) or self.close(a, b, within) for b in rights))
        return (
            a | b
            for a, b in product(lefts, rights)
            if not a & b and self.close(a, b, within) and (kind == "near" or max(a) < min(b))
        )

    def find_range(self, bounds: list[float], part: str) -> Iterator[Found]:
        low, high = bounds
        for n in self.numbers(part):
            if low <= NUMBERS.get(self.words[n].surface.lower(), -1) <= high:
                yield frozenset([n])

    def find_phrase(self, terms: list[str], part: str) -> Iterator[Found]:
        for n in self.numbers(part):
            run = range(n, n + len(terms))
            inside = run[-1] in self.numbers(part) and self.same_page(n, run[-1])
            if inside and all(self.is_word(m, term) for m, term in zip(run, terms, strict=True)):
                yield frozenset(run)

    def numbers(self, part: str) -> range:
        inside = [n for n, word in enumerate(self.words) if word.part == part or not part]
        return range(inside[0], inside[-1] + 1) if inside else range(0)

    def same_page(self, a: int, b: int) -> bool:
        return (self.words[a].part, self.words[a].page) == (self.words[b].part, self.words[b].page)

    def touch(self, a: Found, b: Found) -> bool:
        return min(a) <= max(b) and min(b) <= max(a)

    def close(self, a: Found, b: Found, within: int | str) -> bool:
        first, last = min(a | b), max(a | b)
        if not self.same_page(first, last):
            return False
        if isinstance(within, int):
            return max(min(a), min(b)) - min(max(a), max(b)) - 1 <= within
        if within == "s":
            return self.words[first].sentence == self.words[last].sentence
        return self.words[first].paragraph == self.words[last].paragraph

    def is_word(self, n: int, term: str) -> bool:
        surface = re.sub("'[sS]$", "", self.words[n].surface).replace(",", "")
        if term[0] == "=":
            return surface == term[1:]
        if term[0] == "~":
            return surface.lower().rstrip("s") == term[1:].rstrip("s")  # enough for the words that are used
        if term.endswith("*"):
            return surface.lower().startswith(term[:-1])
        if "?" in term:
            return len(surface) == len(term) and all(a in (b, "?") for a, b in zip(term, surface.lower(), strict=True))
        if len(term) > 1 and term.isupper():
            return surface == term and self.believes(n, term)
        return surface.lower() == term.lower()

    def believes(self, n: int, term: str) -> bool:
        """Capitals where all is capitals need mixed case elsewhere that has them, if there is mixed case."""
        mixed = [word for word in self.words if not word.shouted]
        if not self.words[n].shouted or not any(word.surface != word.surface.upper() for word in mixed):
            return True
        return any(re.sub("'[sS]$", "", word.surface) == term for word in mixed)


# ---- generated texts

_SURFACES = re.findall(
    r"\S+", "ice ICE Ice officer Officers OFFICER's quit quits QUITS left five twenty 30 1,200 ICE's they"
)
_words = st.lists(st.sampled_from(_SURFACES), min_size=1, max_size=5)
_paragraphs = st.lists(_words, min_size=1, max_size=2)
_pages = st.lists(_paragraphs, min_size=1, max_size=2)
_parts = st.lists(st.tuples(st.lists(_pages, min_size=1, max_size=2), st.booleans()), min_size=3, max_size=3)
_Parts = list[tuple[list[list[list[list[str]]]], bool]]


def _text(parts: _Parts) -> tuple[Text, Document]:
    """The same text as words and as a document: title, lead and text of pages of paragraphs of sentences."""
    words: list[Spoken] = []
    written: dict[str, str] = {}
    sentence = paragraph = 0
    for part, (pages, shouting) in zip(("title", "lead", "text"), parts, strict=True):
        rendered = []
        for number, page in enumerate(pages[:1] if part == "title" else pages):
            spoken = [[["Then", *sentence_] for sentence_ in paragraph_] for paragraph_ in page]
            if shouting:
                spoken = [[[word.upper() for word in sentence_] for sentence_ in each] for each in spoken]
            page_text = "\n\n".join(" ".join(" ".join(each) + "." for each in block) for block in spoken)
            for block in spoken:
                paragraph += 1
                for each in block:
                    sentence += 1
                    words += [Spoken(word, part, number, paragraph, sentence, page_text.isupper()) for word in each]
            rendered.append(page_text)
        written[part] = "\f".join(rendered)
    return tuple(words), Document.of(title=written["title"], summary=written["lead"], text=written["text"])


# ---- generated rules, each with its text

_TERMS = re.findall(r"\S+", "ice ICE =Ice =ice officer officer* qui? ~quit quits left five ICE's then THEN they qu*")
_terms = st.sampled_from(_TERMS).map(lambda text: (("word", text.removesuffix("'s")), text))
_phrases = st.lists(st.sampled_from(_TERMS), min_size=2, max_size=3).map(
    lambda words: (("phrase", *(word.removesuffix("'s") for word in words)), f'"{" ".join(words)}"')
)
_ranges = st.sampled_from([(("range", 5, 25), "5..25"), (("range", 30, float("inf")), "30..")])
_distances = st.one_of(st.integers(0, 6), st.sampled_from("sp"))
_Rule = tuple[Nested, str]


def _joined(kind: str, word: str, rules: list[_Rule]) -> _Rule:
    return (kind, *(rule for rule, _ in rules)), "(" + f" {word} ".join(text for _, text in rules) + ")"


def _any_of(rules: st.SearchStrategy) -> st.SearchStrategy:
    return st.lists(rules, min_size=2, max_size=3).map(lambda each: _joined("or", "or", each))


def _close(rules: st.SearchStrategy) -> st.SearchStrategy:
    def pair(kind: str, within: int | str, left: _Rule, right: _Rule) -> _Rule:
        if kind == "before" and isinstance(within, str):
            kind = "near"
        return (kind, within, left[0], right[0]), f"({left[1]} {kind}/{within} {right[1]})"

    return st.builds(pair, st.sampled_from(["near", "before", "not near"]), _distances, rules, rules)


_flat = st.one_of(_terms, _phrases, _ranges)
_operands = st.recursive(_flat, lambda inner: st.one_of(_any_of(inner), _close(inner)), max_leaves=5)


def _combined(rules: st.SearchStrategy) -> st.SearchStrategy:
    several = st.lists(rules, min_size=2, max_size=3)
    return st.one_of(
        several.map(lambda each: _joined("and", "and", each)),
        several.map(lambda each: _joined("or", "or", each)),
        several.map(lambda each: (("of", 2, *(rule for rule, _ in each)), f"2 of ({', '.join(t for _, t in each)})")),
        st.tuples(rules, rules).map(
            lambda both: (("and", both[0][0], ("not", both[1][0])), f"({both[0][1]} and not {both[1][1]})")
        ),
    )


_unfielded = st.recursive(_operands, _combined, max_leaves=4)
_fields = st.tuples(st.sampled_from(["title", "lead", "text"]), _unfielded).map(
    lambda both: (("field", both[0], both[1][0]), f"{both[0]}: ({both[1][1]})")
)
_rules = st.recursive(st.one_of(_operands, _fields), _combined, max_leaves=4)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(parts=_parts, rules=st.lists(_rules, min_size=1, max_size=8))
def test_every_rule_hits_what_the_oracle_says(parts: _Parts, rules: list[_Rule], compiled: bool) -> None:
    words, document = _text(parts)
    oracle = Oracle(words)
    matcher = Matcher([Standing(n, parse(text, {})) for n, (_, text) in enumerate(rules)], compiled=compiled)
    expected = tuple(n for n, (rule, _) in enumerate(rules) if oracle.holds(rule))
    assert matcher.hits(document) == expected, [text for _, text in rules]
