"""What an opinion changes for an item that a rule has ranked. Pure.

Whatever the second reader says, at random or always no, every item that is told without it is told with it: a yes only
raises, and what a no lowers has a line that takes nobody's place.
"""

from __future__ import annotations

from dataclasses import dataclass

from watcher.ranking.tiers import Tier
from watcher.second_reader.answer import Opinion, Says


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """Where an item goes after the second reader was asked."""

    tier: Tier
    beyond_budget: bool = False
    """It has a line of the day's digest that is not of the day's budget: it displaces none, and is never only counted.
    An item that is lowered would else be missed on a day with many better ones, though it was to be told at once."""


def effect(tier: Tier, opinion: Opinion, *, by_hand: bool) -> Effect:
    """Return where an item of this tier goes.

    A yes is told at once. A certain no has what was to be told at once wait for the digest, and nothing else: an item
    that competes for a line goes on to compete. ``by_hand``: what a person wrote put it into its tier (``always``, a
    rule without ``like``), and no model takes it out.
    """
    if opinion.answer is Says.YES:
        return Effect(tier=Tier.NOW)
    if opinion.is_certain_no and tier is Tier.NOW and not by_hand:
        return Effect(tier=Tier.LINE, beyond_budget=True)
    return Effect(tier=tier)
