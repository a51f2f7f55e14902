"""How many of the items that matter reach the desk, and with how much noise: `python bench/recall.py [OPTION]...`.

Each claim's rule is built from its editor's part alone: two lists, 6 positive and 12 negative sentences. All items of
all claims and other news stream past it. Thresholds, rarity of words and assumed negatives come only from a part of
the news that is not scored; no labelled item teaches anything. Shares are printed per claim and pooled, with 95 %
intervals; the last line is JSON.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from recall_cost import print_cost
from recall_curve import print_curve
from recall_data import EVALSET, Claim, Item, News, claims, headline_items, labelled_items, news_of, texts, wire_items
from recall_measures import ByClaim, rounded, shares
from recall_reader import QUESTIONS_A_DAY, SENSITIVITY, SPECIFICITY, read
from recall_systems import baselines, learnt, streamed, syllabus_of
from recall_tables import pooled, print_beside, print_errors, print_load, print_table

from watcher.semantic.embedder import model


@dataclass(frozen=True, slots=True)
class Material:
    """All that is read."""

    claims: list[Claim]
    items: list[Item]
    news: News


def main() -> int:
    """Print all tables, and the line of JSON."""
    options = _options()
    material = _material(options)
    if material is None:
        return 1
    news = material.news
    print(f"{len(material.claims)} claims, {len(material.items)} labelled items")
    print(f"other news: {news.name}, {len(news.warm_up):,} learnt from, {len(news.scored):,} scored")
    measured = _measure(material)
    _print_headlines(material)
    if default := measured["default"]:
        print_errors(default)
    if options.curve:
        print_curve(material.claims, material.items, news)
    if options.cost:
        print_cost(material.claims, news)
    print(json.dumps(_summary(measured)))
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0] if __doc__ else "")
    parser.add_argument("--data", type=Path, default=EVALSET, help="a folder like that of the evaluation set")
    parser.add_argument("--news", type=Path, help="other news: lines of JSON with title, text, source_name, tags, date")
    parser.add_argument("--curve", action="store_true", help="also what more examples and answers bring")
    parser.add_argument("--cost", action="store_true", help="also time and memory with 1,000 claims")
    return parser.parse_args()


def _material(options: argparse.Namespace) -> Material | None:
    if not (options.data / "items.jsonl").is_file():
        print(f"no labelled items in {options.data}: name the folder, or set WATCHER_SHARED")
        return None
    items = news_of(options.news) if options.news else wire_items()
    if not items:
        print("no other news: name a file with --news, or set WATCHER_SHARED")
        return None
    name = options.news.name if options.news else "Reuters wires of 1987"
    return Material(claims(options.data), labelled_items(options.data), News.divided(name, items))


def _measure(material: Material) -> dict[str, ByClaim | None]:
    """Measure and print each system; return the product's ranking alone, with the extra, and with the second reader."""
    warm_up = texts(material.news.warm_up)
    syllabuses = {claim.id: syllabus_of(claim) for claim in material.claims}
    began = time.process_time()
    ranking, _ = learnt(syllabuses, warm_up)
    print(f"learnt in {(time.process_time() - began) / len(material.claims):.2f} s of CPU time a claim")
    with model() as embedder:
        systems = {"default": ranking, **baselines(material.claims, warm_up, embedder)}
        if embedder:
            systems["semantic"], _ = learnt(syllabuses, warm_up, embedder)
        measured = streamed(systems, material.claims, [*material.items, *material.news.scored])
    default, semantic = measured["default"], measured.get("semantic")
    print_table("default", default)
    if semantic:
        print_table("semantic", semantic)
    else:
        print("\nsemantic: not measured, the extra is not installed")
    readings = {claim: read(pairs) for claim, pairs in default.items()}
    reader = {claim: list(reading.pairs) for claim, reading in readings.items()}
    print_table(
        f"reader, which says yes to {SENSITIVITY:.0%} of decisive and no to {SPECIFICITY:.0%} of other items", reader
    )
    asked = sum(reading.asked_a_day for reading in readings.values()) / len(readings)
    print(f"asked about {asked:.1f} items a day and claim, of at most {QUESTIONS_A_DAY}")
    print_beside({name: pooled(by_claim) for name, by_claim in measured.items()}, "beside simpler systems")
    days = [item for item in (*material.news.scored, *material.news.rest) if item.day]
    if days:
        print_load(material.news.name, streamed({"": ranking}, material.claims, days)[""])
    return {"default": default, "semantic": semantic, "reader": reader}


def _print_headlines(material: Material) -> None:
    """Days of real headlines, ranked by what was learnt from the other news, and from the headlines' first days."""
    items = headline_items()
    if not items:
        return
    syllabuses = {claim.id: syllabus_of(claim) for claim in material.claims}
    days = sorted({item.day for item in items})
    first = [item for item in items if item.day in days[: len(days) // 3]]
    known = {item.text.title for item in first}
    later = [item for item in items if item.text.title not in known]
    for learnt_from, warm_up in ((material.news.name, material.news.warm_up), ("their first days", first)):
        ranking, _ = learnt(syllabuses, texts(warm_up))
        title = f"headlines about ICE in Minnesota, by what was learnt from {learnt_from}"
        print_load(title, streamed({"": ranking}, material.claims, later)[""])


def _summary(measured: dict[str, ByClaim | None]) -> dict[str, object]:
    found = {name: by_claim for name, by_claim in measured.items() if by_claim is not None}
    summary: dict[str, object] = {name: by_claim and rounded(pooled(by_claim)) for name, by_claim in measured.items()}
    summary["claims"] = {
        claim: {name: rounded(shares(by_claim[claim])) for name, by_claim in found.items()}
        for claim in found["default"]
    }
    return summary


if __name__ == "__main__":
    sys.exit(main())
