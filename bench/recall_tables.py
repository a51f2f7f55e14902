"""The tables that the recall bench prints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain

from intervals import Share
from recall_data import DECISIVE, QUIET, Label
from recall_measures import ByClaim, Judged, load, shares

from watcher.ranking.tiers import Tier

_COMPARED = ("first5", "first10", "first20", "denials_first10", "now", "now_quiet", "now_hard", "now_other")
_MOST_NAMED = 60


def pooled(by_claim: ByClaim) -> dict[str, Share]:
    """Return the shares over the items of all claims."""
    return shares(list(chain.from_iterable(by_claim.values())))


def print_table(title: str, by_claim: ByClaim) -> None:
    """Print all shares of one system, pooled and for each claim."""
    columns = {"pooled": pooled(by_claim), **{claim: shares(pairs) for claim, pairs in by_claim.items()}}
    print(f"\n{title}\n{'':24}" + "".join(f"{name:21}" for name in columns))
    for row in columns["pooled"]:
        print(f"{row.replace('_', ' '):24}" + "".join(f"{column[row]!s:21}" for column in columns.values()))
    print(f"{'decisive items':24}" + "".join(f"{column['now'].of:<21}" for column in columns.values()))
    other = columns["pooled"]["now_other"]
    print(f"told at once, of pairs of another item and a claim: {other.count} of {other.of:,} ({other.value:.3%})")


def print_beside(by_system: Mapping[str, Mapping[str, Share]], first: str) -> None:
    """Print a line of pooled shares for each system or setting."""
    print(f"\n{first:42}" + "".join(f"{name.replace('_', ' '):21}" for name in _COMPARED))
    for name, measured in by_system.items():
        cells = "".join(f"{measured[column]!s:21}" for column in _COMPARED[:-1])
        print(f"{name:42}{cells}{measured['now_other'].value:.4f}")


def print_load(title: str, by_claim: ByClaim) -> None:
    """Print what days of ordinary news bring for each claim."""
    loads = {claim: load(pairs) for claim, pairs in by_claim.items()}
    items, days = next((each.items, each.days) for each in loads.values())
    print(f"\nlines a day and claim: {title}, {items:,} items on {days} days")
    print(f"{'':20}{'median day':>12}{'most':>6}{'told at once, all days':>24}")
    for claim, each in loads.items():
        print(f"{claim:20}{each.median_lines:12.1f}{each.most_lines:6}{each.now:24}")


def print_errors(by_claim: ByClaim) -> None:
    """Print the items that the desk would not have wanted where they are."""
    pairs = list(chain.from_iterable(by_claim.values()))
    wanted = [pair for pair in pairs if pair.label in {*DECISIVE, Label.DENIAL}]
    _name("not among the first ten lines", [pair for pair in wanted if not pair.is_told(10)])
    now = [pair for pair in pairs if pair.tier is Tier.NOW]
    _name("told at once, of quiet items", [pair for pair in now if pair.label in QUIET])
    _name("told at once, of hard negatives", [pair for pair in now if pair.label is Label.HARD])
    _name("told at once, of other items", [pair for pair in now if pair.label is None])


def _name(title: str, pairs: Sequence[Judged]) -> None:
    print(f"\n{title}: {len(pairs)}")
    for pair in pairs[:_MOST_NAMED]:
        place = "below the floor" if pair.tier is Tier.BELOW else f"place {pair.place:.0f}"
        about = "" if pair.label else f" for {pair.claim}"
        print(f"  {pair.item.id}{about}  {pair.label or 'other'}, {place}: {pair.item.text.title[:80]}")
