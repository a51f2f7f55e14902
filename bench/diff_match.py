"""Our matcher against SQLite FTS5 and tantivy: generated rules over real wires, every pair compared.

Both get our words, so only the meaning of rules is compared. Prints the pairs and the differences per engine, the last
line as JSON, and fails if there is a difference.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import sys
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from match_material import Rule, Rules, document, foreign, normalised, wires

from watcher.matching import Document, Matcher, Standing, parse

if TYPE_CHECKING:
    from tantivy import Query

Pairs = set[tuple[int, int]]
"""The number of the item, and of the rule."""
Texts = Sequence[tuple[str, str]]
"""The title and the rest of each item, as our words."""


def ours(rules: Sequence[Rule], documents: Iterable[Document], *, mark: str = "", compiled: bool = True) -> Pairs:
    """Return the pairs that the matcher finds."""
    standing = [Standing(number, parse(rule.text(mark), {})) for number, rule in enumerate(rules)]
    matcher = Matcher(standing, compiled=compiled)
    return {(item, int(str(rule))) for item, each in enumerate(documents) for rule in matcher.hits(each)}


class Fts5:
    """SQLite's full-text index of a batch of items, queried with one rule after another."""

    def __init__(self, texts: Texts) -> None:
        self._database = sqlite3.connect(":memory:")
        tokenizer = "unicode61 remove_diacritics 0 tokenchars ''.''"
        self._database.execute(f"CREATE VIRTUAL TABLE items USING fts5(title, rest, tokenize='{tokenizer}')")
        self._database.executemany(
            "INSERT INTO items(rowid, title, rest) VALUES (?, ?, ?)",
            ((item, title, rest) for item, (title, rest) in enumerate(texts)),
        )

    def hits(self, query: str) -> list[int]:
        """The items that a query finds."""
        found = self._database.execute("SELECT rowid FROM items WHERE items MATCH ?", (query,))
        return [item for (item,) in found]


def fts5(rules: Sequence[Rule], texts: Texts) -> Pairs:
    """Return the pairs that SQLite finds."""
    index = Fts5(texts)
    return {(item, number) for number, rule in enumerate(rules) for item in index.hits(rule.fts5())}


class Tantivy:
    """Tantivy's index of a batch of items, queried with one rule after another; optionally of stems."""

    def __init__(self, texts: Texts, *, stems: bool) -> None:
        import tantivy

        self._tantivy = tantivy
        analyzer = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace())
        if stems:
            analyzer = analyzer.filter(tantivy.Filter.stemmer("english"))
        builder = tantivy.SchemaBuilder()
        for field in ("all", "title"):
            builder.add_text_field(field, tokenizer_name="ours", index_option="position")
        builder.add_integer_field("item", fast=True, stored=True)
        self._schema = builder.build()
        index = tantivy.Index(self._schema)
        self._analyzer = analyzer.build()
        index.register_tokenizer("ours", self._analyzer)
        writer = index.writer(heap_size=100_000_000, num_threads=1)
        for item, (title, rest) in enumerate(texts):
            entry = tantivy.Document(item=item)
            for field, text in (("all", title), ("all", rest), ("title", title)):
                entry.add_text(field, text)
            writer.add_document(entry)
        writer.commit()
        index.reload()
        self._searcher = index.searcher()
        self._most = len(texts)

    def hits(self, query: Query) -> list[int]:
        """The items that a query finds."""
        found = self._searcher.search(query, self._most, count=False, order_by_field="item").hits
        return [int(score) for score, _ in found]

    def query(self, rule: Rule) -> Query:
        """Return a rule without its distances, which tantivy has only for phrases."""
        occur, boolean = self._tantivy.Occur, self._tantivy.Query.boolean_query
        parts = [
            (occur.Must, self._any_of(group, "title" if number == rule.title else "all"))
            for number, group in enumerate(rule.groups)
        ]
        if rule.without:
            parts.append((occur.MustNot, self._any_of(rule.without, "all")))
        return boolean(parts)

    def _any_of(self, group: Sequence[tuple[str, ...]], field: str) -> Query:
        query = self._tantivy.Query
        terms = []
        for term in group:
            words: list[str | tuple[int, str]] = [w for each in term for w in self._analyzer.analyze(each)]
            one = query.term_query(self._schema, field, words[0], "basic") if len(words) == 1 else None
            terms.append((self._tantivy.Occur.Should, one or query.phrase_query(self._schema, field, words)))
        return query.boolean_query(terms)


def tantivy(rules: Sequence[Rule], texts: Texts) -> Pairs:
    """Return the pairs that tantivy finds with rules of stems, without distances and prefixes."""
    index = Tantivy(texts, stems=True)
    return {(item, number) for number, rule in enumerate(rules) for item in index.hits(index.query(rule))}


def compare(
    rule_count: int,
    item_count: int,
    *,
    compiled: bool,
    judges: Sequence[str] = ("fts5", "tantivy"),
    vocabulary: int = 2_000,
) -> list[dict[str, Any]]:
    """Return for each engine and kind of text the number of hits and of differences, and the first few differences.

    ``vocabulary``: the number of other wires from which the words of the rules are taken.
    """
    read = list(islice(wires(), item_count + vocabulary))
    results = []
    kinds: dict[str, Callable[[str], str]] = {"as written": str, "other scripts": foreign}
    for kind, change in kinds.items():
        documents = [document(change(title), change(body)) for title, body in read[:item_count]]
        texts = list(map(normalised, documents))
        makes = Rules([" ".join(normalised(document(change(t), change(b)))) for t, b in read[item_count:]])
        for judge in judges:
            stemmed = judge == "tantivy"
            rules = makes.take(rule_count, prefixes=not stemmed, nears=not stemmed)
            theirs = tantivy(rules, texts) if stemmed else fts5(rules, texts)
            mine = ours(rules, documents, mark="~" if stemmed else "", compiled=compiled)
            different = sorted(mine ^ theirs)
            examples = [
                {"rule": rules[rule].text(), "ours": (item, rule) in mine, "title": read[item][0]}
                for item, rule in different[:5]
            ]
            results.append(
                {"judge": judge, "text": kind, "hits": len(mine), "differences": len(different), "first": examples}
            )
    return results


def main() -> int:
    """Compare at the size given on the command line."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rules", type=int, default=10_000)
    options.add_argument("--items", type=int, default=2_000)
    options.add_argument("--python", action="store_true", help="the matcher without its compiled core")
    asked = options.parse_args()
    results = compare(asked.rules, asked.items, compiled=not asked.python)
    for result in results:
        print("{judge:8} {text:14} {hits:7} hits, {differences} differences".format_map(result))
        for example in result["first"]:
            print("   ", example)
    print(json.dumps({"rules": asked.rules, "items": asked.items, "results": results}))
    return 1 if any(result["differences"] for result in results) else 0


if __name__ == "__main__":
    sys.exit(main())
