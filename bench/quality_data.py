"""The data of the quality bench: claims, items, and the stance of each item towards its claim."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from watcher.judging import verdict_weights

HERE = Path(__file__).parent
SHARED = Path(os.environ.get("WATCHER_SHARED", HERE.parents[1] / "shared"))
EMERGENT = SHARED / "data/text/emergent"

ASSERTS, DENIES, REPORTS = "asserts", "denies", "reports"
_STANCES = {"for": ASSERTS, "against": DENIES, "observing": REPORTS}
_EVERY_VERDICT = ("false", "true", "unverified")


@dataclass(frozen=True, slots=True)
class Told:
    """An item, the claim it is about, and its stance towards it."""

    title: str
    text: str
    claim: str
    stance: str


@dataclass(frozen=True, slots=True)
class Watch:
    """Watched claims, each with the verdicts it is judged under, and a stream of items."""

    name: str
    claims: dict[str, str]
    ratings: Mapping[str, Sequence[str]]
    items: Sequence[Told]

    def cases(self, verdict: str | None) -> Iterator[tuple[str, str]]:
        """Return each claim with each verdict it is judged under; only with ``verdict``, if given."""
        for claim in self.claims:
            for rating in (verdict,) if verdict else self.ratings[claim]:
                yield claim, rating


def wanted(rating: str) -> frozenset[str]:
    """Return the stances that would change a verdict: assert a false claim, deny a true one, either if unverified."""
    verdict = verdict_weights(rating)
    if verdict.name == "true":
        return frozenset({DENIES})
    return frozenset({ASSERTS}) if verdict.name in {"false", "no evidence"} else frozenset({ASSERTS, DENIES})


def fixture() -> Watch:
    """Return the shipped data: 30 claims of ten families, 400 items, everything invented."""
    claims = _lines("claims.jsonl")
    items = [Told(i["title"], i["text"], i.get("claim", ""), i["stance"]) for i in _lines("items.jsonl")]
    ratings = {claim["id"]: (claim["rating"],) for claim in claims}
    return Watch("own fixture", {claim["id"]: claim["claimReviewed"] for claim in claims}, ratings, items)


def emergent(split: str) -> Watch | None:
    """Return headlines about rumours of 2014 and 2015; None without the data.

    The published verdicts (``claimTruth``) are not in every copy of the data. Without them, each claim is judged
    under each of false, true and unverified.
    """
    path = EMERGENT / f"url-versions-2015-06-14-clean-{split}.csv"
    if not path.exists():
        return None
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    claims = {r["claimId"]: r["claimHeadline"] for r in rows}
    ratings = {r["claimId"]: (r["claimTruth"],) if r.get("claimTruth") else _EVERY_VERDICT for r in rows}
    items = [Told(r["articleHeadline"], "", r["claimId"], _STANCES[r["articleHeadlineStance"]]) for r in rows]
    return Watch(f"Emergent, {split} split", claims, ratings, items)


def _lines(name: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in (HERE / "fixtures" / name).read_text("utf-8").splitlines()]
