"""Real wires and generated rules for the benches of the matcher, and the same rules for other engines."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, product

from wires import wires as all_wires

from watcher.matching import Document
from watcher.matching.rule_words import plain
from watcher.text.folding import fold

SEED = 20_240_601

Term = tuple[str, ...]
"""The words of a phrase, or one word; ``ab*`` is a prefix."""


def wires(shortest: int = 500, longest: int = 20_000) -> Iterator[tuple[str, str]]:
    """Yield title and body of the Reuters wires of this size, in the order of the files."""
    for wire in all_wires():
        if wire.title and shortest <= len(wire.body) <= longest:
            yield wire.title, wire.body


def of_every_size(count: int, skip: int) -> list[tuple[str, str]]:
    """Return so many wires after the first ones, equally many of each size class if possible, in mixed order."""
    classes: dict[int, list[tuple[str, str]]] = {}
    for wire in islice(wires(), skip, None):
        classes.setdefault(min(len(wire[1]) // 500, 15).bit_length(), []).append(wire)
    taken: list[tuple[str, str]] = []
    for left, same in zip(range(len(classes), 0, -1), sorted(classes.values(), key=len), strict=True):
        taken += same[: (count - len(taken)) // left]
    random.Random(SEED).shuffle(taken)
    return taken


def document(title: str, body: str) -> Document:
    """Return a wire as the matcher reads it."""
    return Document.of(title=title, text=body)


_FOREIGN = str.maketrans(dict(zip("abvgdeziklmnoprstu", "абвгдезиклмнопрсту", strict=True)))


def foreign(text: str) -> str:
    """Return the text with other scripts in it: accents, Cyrillic, curly quotes, ideographs, emoji."""
    words = text.replace("'", "’").split(" ")
    for index, word in enumerate(words):
        match len(word) * 31 % 7 + index % 5:
            case 1:
                words[index] = word.replace("e", "é").replace("o", "o\u0308")
            case 2:
                words[index] = word.translate(_FOREIGN)
            case 3 if index % 3 == 0:
                words[index] = "警察" + word + "長"
            case 4 if index % 4 == 0:
                words[index] = word + " 🚓 "
    return " ".join(words)


def normalised(document: Document) -> tuple[str, str]:
    """Return title and rest as our own words, for the other engines."""
    texts = {"title": "", "rest": ""}
    for stretch in document.stretches:
        words = " ".join(fold(plain(surface)) for surface in stretch.surfaces)
        part = "title" if stretch.part == "title" else "rest"
        texts[part] = f"{texts[part]} {words}".strip()
    return texts["title"], texts["rest"]


@dataclass(frozen=True, slots=True)
class Rule:
    """Groups of alternatives that must all occur, two of them perhaps close, and none of those in ``without``."""

    groups: tuple[tuple[Term, ...], ...]
    near: int | None
    """The most words between the first two groups."""
    without: tuple[Term, ...]
    title: int | None
    """The group that must be in the title."""

    def text(self, mark: str = "") -> str:
        """Return the rule in our language, with ``mark`` before every word."""
        groups = [_ours(group, mark) for group in self.groups]
        if self.title is not None:
            groups[self.title] = f"title: {groups[self.title]}"
        if self.near is not None:
            groups[:2] = [f"{groups[0]} near/{self.near} {groups[1]}"]
        without = f" and not {_ours(self.without, mark)}" if self.without else ""
        return " and ".join(groups) + without

    def fts5(self) -> str:
        """Return the rule in the language of SQLite's FTS5."""
        groups = [_fts5(group) for group in self.groups]
        if self.title is not None:
            groups[self.title] = f"{{title}} : {groups[self.title]}"
        if self.near is not None:
            pairs = product(self.groups[0], self.groups[1])
            near = " OR ".join(f"NEAR({_fts5_term(a)} {_fts5_term(b)}, {self.near})" for a, b in pairs)
            groups[:2] = [f"({near})"]
        query = " AND ".join(groups)
        return f"({query}) NOT {_fts5(self.without)}" if self.without else query


def _ours(group: Sequence[Term], mark: str) -> str:
    terms = [" ".join(mark + each for each in term) for term in group]
    written = [f'"{term}"' if " " in term else term for term in terms]
    return written[0] if len(written) == 1 else f"({' or '.join(written)})"


def _fts5_term(term: Term) -> str:
    phrase = " ".join(term)
    return f'"{phrase[:-1]}"*' if phrase.endswith("*") else f'"{phrase}"'


def _fts5(group: Sequence[Term]) -> str:
    return f"({' OR '.join(map(_fts5_term, group))})"


class Rules:
    """Generates rules from the words and phrases of documents, from a seed."""

    def __init__(self, texts: Sequence[str], seed: int = SEED) -> None:
        """``texts``: normalised words, separated by spaces."""
        self._random = random.Random(seed)
        seen: Counter[str] = Counter()
        phrases: set[Term] = set()
        for text in texts:
            words = text.split()
            seen.update(set(words))
            for size in (2, 3):
                phrases.update(tuple(words[start : start + size]) for start in range(0, len(words) - size, 7))
        most = len(texts) // 10
        self._words = sorted(word for word in seen if _usable(word) and len(word) > 2 and 3 <= seen[word] <= most)
        known = set(self._words)
        self._running = [word for text in texts for word in text.split() if word in known]
        self._phrases = sorted(phrase for phrase in phrases if all(map(_usable, phrase)))

    def take(self, count: int, *, prefixes: bool = True, nears: bool = True) -> list[Rule]:
        """Return so many rules: 2-4 groups of 1-4 terms, 30 % phrases, 30 % near, 20 % not, 10 % with a title."""
        return [self._rule(prefixes=prefixes, nears=nears) for _ in range(count)]

    def _rule(self, *, prefixes: bool, nears: bool) -> Rule:
        choose = self._random
        used: set[str] = set()
        groups = tuple(
            tuple(self._term(used, prefixes=prefixes) for _ in range(choose.randint(1, 4)))
            for _ in range(choose.randint(2, 4))
        )
        near = choose.randint(3, 20) if nears and choose.random() < 0.3 else None
        without = tuple(self._term(used, prefixes=prefixes) for _ in range(2)) if choose.random() < 0.2 else ()
        titled = choose.random() < 0.1 and (near is None or len(groups) > 2)
        return Rule(groups, near, without, len(groups) - 1 if titled else None)

    def _term(self, used: set[str], *, prefixes: bool) -> Term:
        """Return a term that shares no word with the others of its rule, so that distances cannot overlap."""
        while True:
            if self._random.random() < 0.3:
                term = self._random.choice(self._phrases)
            else:
                term = (self._random.choice(self._random.choice((self._words, self._running))),)
                if prefixes and self._random.random() < 0.04 and len(term[0]) > 4:
                    term = (term[0][:4] + "*",)
            stems = {word[:4] for word in term}
            if not stems & used and len(stems) == len(term):
                used |= stems
                return term


def _usable(word: str) -> bool:
    return word.isalpha() and word not in ("and", "or", "not", "near", "before")
