"""The best of what only ranks, once a day: one digest for each desk, ordered across its claims."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from storage import digests, rankings
from storage.database import Connection
from storage.rankings import StoredRanking
from watcher import judging, messages
from watcher.jobs import ranked_alerts
from watcher.jobs.ranked_alerts import JudgedItem
from watcher.judging import Attention
from watcher.messages import DigestReason, RankedClaimView, RankedDigestView, RankedLine
from watcher.model import Claim, Priority
from watcher.pipeline import views
from watcher.pipeline.alerting import send
from watcher.pipeline.live import Live
from watcher.ranking.day_lines import Candidate, choose
from watcher.ranking.tiers import Tier

COMPETES_FOR = timedelta(days=7)
"""How long an item competes for a line: what fell beyond the budget of a full day may be the best of the next."""
_COMPETING = (Tier.NOW.value, Tier.LINE.value)
"""What is likely enough to be told at once competes too, where its rule allows only lines or too much came together."""


@dataclass(frozen=True, slots=True)
class _Chosen:
    """What a claim has for the day."""

    claim: Claim
    lines: Sequence[StoredRanking]
    others: int
    """Stories that compete and get no line."""


def send_best(connection: Connection, live: Live, now: datetime) -> int:
    """Send each desk the best lines of its claims. Return how many digests."""
    desks = defaultdict[tuple[tuple[str, str], ...], list[_Chosen]](list)
    for claim in live.rulebook.claims:
        if claim.ranks and (chosen := _choose(connection, claim, now)).lines:
            desks[tuple(live.recipients(claim))].append(chosen)
    for desk, chosen_of in desks.items():
        _send(connection, live, desk, chosen_of, now)
    return len(desks)


def _choose(connection: Connection, claim: Claim, now: datetime) -> _Chosen:
    waiting = rankings.waiting(connection, claim.id, _COMPETING, since=now - COMPETES_FOR)
    lines = max(rule.lines for rule in claim.rules if rule.ranks)
    rules = {rule.id for rule in claim.rules if rule.ranks}
    competing = sorted((ranked for ranked in waiting if ranked.rule_id in rules), key=_margin, reverse=True)
    chosen = choose([Candidate(ranked.story_id, ranked.source) for ranked in competing], lines)
    stories = {ranked.story_id for ranked in competing}
    return _Chosen(claim, [competing[at] for at in chosen], len(stories) - len(chosen))


def _send(
    connection: Connection, live: Live, desk: Sequence[tuple[str, str]], chosen: Sequence[_Chosen], now: datetime
) -> None:
    """Send one digest: every line becomes an alert, so that it can be answered and its story gets no second line."""
    lines = [
        _line(connection, live, each.claim, ranked, now)
        for each, ranked in sorted(
            ((each, ranked) for each in chosen for ranked in each.lines),
            key=lambda pair: _margin(pair[1]),
            reverse=True,
        )
    ]
    view = RankedDigestView(
        at=now,
        claims=tuple(RankedClaimView(claim=views.claim(each.claim), others=each.others) for each in chosen),
        lines=tuple(lines),
    )
    about = tuple(int(line.alert_id) for line in lines)
    message_id = send(connection, messages.ranked_digest(view), desk, now=now, about=about)
    waiting = [line.id for each in chosen for line in digests.waiting(connection, each.claim.id, DigestReason.RANKED)]
    digests.settle(connection, waiting, message_id)


def _margin(ranked: StoredRanking) -> float:
    """Return how far a score is above the floor of its rule: scores of two rules do not compare by themselves."""
    return ranked.score - ranked.floor


def _line(connection: Connection, live: Live, claim: Claim, ranked: StoredRanking, now: datetime) -> RankedLine:
    found = JudgedItem.read(connection, live, claim, ranked)
    alert_id = ranked_alerts.add(connection, found, Attention.DIGEST, Priority.DIGEST, now=now)
    line = digests.NewDigestLine(
        claim_id=claim.id,
        item_id=ranked.item_id,
        rules=(ranked.rule_id,),
        reason=DigestReason.RANKED,
        alert_id=alert_id,
    )
    digests.add(connection, line, now=now)
    item = views.item(found.entry, found.source, first_seen=found.row.first_seen_at)
    passage = judging.Passage(text=ranked.passage, title=item.title, official=item.official)
    return RankedLine(
        claim_id=claim.id,
        rule_id=ranked.rule_id,
        asks=claim.rule(ranked.rule_id).asks,
        item=item,
        passage=ranked.passage,
        label=judging.label(passage, claim.claim_reviewed),
        resembles=ranked.resembles,
        alert_id=str(alert_id),
    )
