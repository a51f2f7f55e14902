"""How many items per CPU-second our matcher and other engines match with standing rules, in one run.

Rules are generated from a seed over the words of real wires; the items are other wires of 0.5 to 20 KB. Every engine
starts from the plain text of an item. The last line is JSON.
"""

from __future__ import annotations

import argparse
import gc
import json
import re
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from itertools import chain, islice
from pathlib import Path
from statistics import quantiles

from diff_match import Fts5, Tantivy
from match_material import Rule, Rules, Term, document, normalised, of_every_size, wires

from watcher.matching import Matcher, Standing, parse
from watcher.rulebook.loading import collector_paused

SIZES = (10, 100, 1_000, 10_000, 100_000)
ITEMS = 2_000
VOCABULARY = 4_000
"""Number of wires from which the words of the rules are taken; none of them is an item."""
BUDGET = 6.0
"""CPU-seconds per size for an engine that takes items one by one; at least three items."""
MAX_EXPRESSION_RULES = 1_000
"""The loop of expressions is not run with more rules; it only gets slower."""

Items = Sequence[tuple[str, str]]
_WORD = re.compile(r"[^\W_]+")


def rate(one: Callable[[str, str], object], items: Items, *, warm: int = 300) -> float:
    """Return items per CPU-second of a function that takes one, after some to warm up; the best of three windows."""
    started = time.process_time()
    for item in items[:warm]:
        one(*item)
        if time.process_time() - started > BUDGET / 4:
            break
    return max(_window(one, items) for _ in range(3))


def _window(one: Callable[[str, str], object], items: Items) -> float:
    done = 0
    started = time.process_time()
    for item in items:
        one(*item)
        done += 1
        looks = done % 64 == 0 if done > 64 else done >= 3  # the clock itself takes a microsecond
        if looks and time.process_time() - started > BUDGET / 3:
            break
    return done / (time.process_time() - started)


def batch_rate(batch: Callable[[], object], items: Items) -> float:
    """Return items per CPU-second of a function that takes them all."""
    started = time.process_time()
    batch()
    return len(items) / (time.process_time() - started)


# ---- engines


def ours(rules: Sequence[Rule], sample: Items, *, compiled: bool) -> Matcher:
    """Our matcher, which has seen a sample of wires to learn which words are rare."""
    standing = [Standing(number, parse(rule.text(), {})) for number, rule in enumerate(rules)]
    return Matcher(standing, sample=[document(*item) for item in sample], compiled=compiled)


def fts5_batch(rules: Sequence[Rule], items: Items) -> float:
    """All items in one index, then every rule as a query."""
    queries = [rule.fts5() for rule in rules]

    def batch() -> None:
        index = Fts5(items)
        for query in queries:
            index.hits(query)

    return batch_rate(batch, items)


def fts5_single(rules: Sequence[Rule], items: Items) -> float:
    """One item in an index, every rule as a query, and the next."""
    queries = [rule.fts5() for rule in rules]
    database = sqlite3.connect(":memory:")
    database.execute("CREATE VIRTUAL TABLE items USING fts5(title, rest, tokenize='unicode61 remove_diacritics 0')")

    def one(title: str, body: str) -> None:
        database.execute("DELETE FROM items")
        database.execute("INSERT INTO items(rowid, title, rest) VALUES (1, ?, ?)", (title, body))
        for query in queries:
            database.execute("SELECT rowid FROM items WHERE items MATCH ?", (query,)).fetchone()

    return rate(one, items, warm=1)


def tantivy_batch(rules: Sequence[Rule], items: Items) -> float:
    """All items in one index, then every rule as a query without its distances."""
    index = Tantivy(items[:1], stems=False)
    queries = [index.query(rule) for rule in rules]

    def batch() -> None:
        index = Tantivy(items, stems=False)
        for query in queries:
            index.hits(query)

    return batch_rate(batch, items)


class AhoCorasick:
    """One scan for every word and phrase, then the conditions over what was found, without distances."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        import ahocorasick_rs

        terms = sorted({term for rule in rules for term in chain(*rule.groups, rule.without)})
        number = {term: at for at, term in enumerate(terms)}
        written = [f" {' '.join(term)} ".replace("* ", "") for term in terms]
        self._scan = ahocorasick_rs.AhoCorasick(written, implementation=ahocorasick_rs.Implementation.ContiguousNFA)
        self._rules = [
            ([frozenset(number[term] for term in group) for group in rule.groups], _numbers(rule.without, number))
            for rule in rules
        ]
        self._waiting: dict[int, list[int]] = {}
        for at, (groups, _) in enumerate(self._rules):
            for term in min(groups, key=len):
                self._waiting.setdefault(term, []).append(at)

    def hits(self, title: str, body: str) -> list[int]:
        """Return the rules that hit."""
        text = f" {' '.join(_WORD.findall(title.lower()))}  {' '.join(_WORD.findall(body.lower()))} "
        found = {term for term, _, _ in self._scan.find_matches_as_indexes(text, overlapping=True)}
        awake = {rule for term in found for rule in self._waiting.get(term, ())}
        return [rule for rule in awake if self._holds(rule, found)]

    def _holds(self, rule: int, found: set[int]) -> bool:
        groups, without = self._rules[rule]
        return without.isdisjoint(found) and not any(group.isdisjoint(found) for group in groups)


def _numbers(terms: Iterable[Term], number: dict[Term, int]) -> frozenset[int]:
    return frozenset(number[term] for term in terms)


def expressions(rules: Sequence[Rule], items: Items) -> float | None:
    """A loop over one compiled expression for each group of each rule."""
    if len(rules) > MAX_EXPRESSION_RULES:
        return None
    compiled = [
        ([_expression(group) for group in rule.groups], _expression(rule.without) if rule.without else None)
        for rule in rules
    ]

    def one(title: str, body: str) -> list[int]:
        text = f"{title}\n{body}"
        return [
            at
            for at, (groups, without) in enumerate(compiled)
            if all(group.search(text) for group in groups) and not (without and without.search(text))
        ]

    return rate(one, items, warm=1)


def _expression(group: Sequence[Term]) -> re.Pattern[str]:
    terms = "|".join(r"\W+".join(term).replace("*", r"\w*") for term in group)
    return re.compile(rf"\b(?:{terms})\b", re.IGNORECASE)


# ---- the table


def compare(rules: Sequence[Rule], items: Items, sample: Items) -> dict[str, float | None]:
    """Return items per CPU-second of every engine with these rules."""
    rates: dict[str, float | None] = {}
    for name, compiled in (("ours, compiled", True), ("ours, python", False)):
        matcher = ours(rules, sample, compiled=compiled)
        gc.collect()
        rates[name] = rate(lambda *item, matcher=matcher: matcher.hits(document(*item)), items)
        if compiled:
            rates["p99 ms"] = p99(matcher, items)
            rates["hits per item"] = sum(len(matcher.hits(document(*item))) for item in items) / len(items)
    rates["fts5, batch"] = fts5_batch(rules, items)
    rates["fts5, single"] = fts5_single(rules, items)
    rates["tantivy, batch"] = tantivy_batch(rules, items)
    rates["aho-corasick"] = rate(AhoCorasick(rules).hits, items)
    rates["expressions"] = expressions(rules, items)
    return rates


def p99(matcher: Matcher, items: Items) -> float:
    """Return the 99th percentile of the wall time per item, in milliseconds."""
    times = []
    for item in items:
        started = time.perf_counter()
        matcher.hits(document(*item))
        times.append(1_000 * (time.perf_counter() - started))
    return quantiles(times, n=100)[-1]


def build(count: int, *, compiled: bool) -> dict[str, float]:
    """Return what it takes to build a matcher of so many rules from their text, in a separate process."""
    texts = [rule.text() for rule in _rules().take(count)]
    gc.collect()
    before = _resident()
    started = time.process_time()
    with collector_paused():
        standing = [Standing(number, parse(text, {})) for number, text in enumerate(texts)]
        matcher = Matcher(standing, compiled=compiled)
    ready = time.process_time() - started
    gc.collect()
    size = (_resident() - before) / count
    del matcher  # kept until here, since its memory is measured
    return {"ready s": ready, "bytes per rule": size}


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4_096


def _rules() -> Rules:
    return Rules([" ".join(normalised(document(*wire))) for wire in islice(wires(), VOCABULARY)])


def _row(size: int, values: Iterable[float | None]) -> str:
    cells = ["-" if value is None else f"{value:,.0f}" if value >= 10 else f"{value:.2f}" for value in values]
    return f"{size:>8,}" + "".join(f"{cell:>16}" for cell in cells)


def main() -> None:
    """Run with the sizes on the command line."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    options.add_argument("--build", type=int, help=argparse.SUPPRESS)
    options.add_argument("--python", action="store_true", help=argparse.SUPPRESS)
    asked = options.parse_args()
    if asked.build:
        print(json.dumps(build(asked.build, compiled=not asked.python)))
        return
    generated = _rules().take(max(asked.sizes))
    items = of_every_size(ITEMS, VOCABULARY)
    sample = list(islice(wires(), 500))
    characters = sum(len(title) + len(body) for title, body in items) / len(items)
    print(f"{len(items)} items of {characters:,.0f} characters on average; items per CPU-second:")
    rates: dict[int, dict[str, float | None]] = {}
    for size in asked.sizes:
        rates[size] = compare(generated[:size], items, sample)
        if len(rates) == 1:
            print(f"{'rules':>8}" + "".join(f"{name:>16}" for name in rates[size]))
        print(_row(size, rates[size].values()), flush=True)
    built = {}
    for core in ("compiled", "python"):
        command = [sys.executable, __file__, "--build", str(max(asked.sizes)), *["--python"][: core == "python"]]
        done = subprocess.run(command, capture_output=True, check=True, text=True)  # noqa: S603 - this very file
        built[core] = json.loads(done.stdout)
        print(core, built[core])
    print(json.dumps({"items": len(items), "characters": characters, "rates": rates, "build": built}))


if __name__ == "__main__":
    main()
