"""What competes for lines is shown to the second reader, the most likely first; what it affirms is told at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from storage import items, rankings
from storage.database import Connection, Database
from storage.rankings import StoredRanking
from watcher import messages
from watcher.jobs import ranked_alerts
from watcher.jobs.ranked_alerts import JudgedItem
from watcher.jobs.ranked_lines import COMPETES_FOR
from watcher.judging import Attention
from watcher.messages import AlertView
from watcher.model import Claim, Clock, EventKind, Match, Priority
from watcher.pipeline import entries, stories, views
from watcher.pipeline.alerting import send_about
from watcher.pipeline.judgement import body
from watcher.pipeline.live import Live
from watcher.pipeline.rules_in_force import priority, ranked_match
from watcher.ranking.tiers import Tier
from watcher.second_reader.answer import Opinion
from watcher.second_reader.effect import effect
from watcher.second_reader.prompt import AskedItem

MAX_SHOWN = 20
"""Stories of a claim that are shown to it, the most likely: twice as many as one has in a day (bench/README.md)."""


class Opinions(Protocol):
    """What has opinions on items: the second reader."""

    def opinion_on(self, question: str, item: AskedItem) -> Opinion:
        """Return whether the item answers the question with yes. Raise nothing."""


@dataclass(frozen=True, slots=True)
class SecondOpinions:
    """Asks the second reader about stored items, outside of any transaction."""

    database: Database
    clock: Clock
    reader: Opinions

    def ask(self, live: Live) -> int:
        """Tell at once what the second reader affirms. Return how many alerts that made.

        It only adds: what it denies, and what it is not asked or does not answer about, goes on to compete.
        """
        affirmed = 0
        for claim in live.rulebook.claims:
            for ranking in self._competing(claim) if claim.ranks else ():
                opinion = self.reader.opinion_on(_question(claim, ranking), self._shown(ranking))
                if effect(Tier(ranking.tier), opinion, by_hand=False).tier is Tier.NOW:
                    affirmed += self._tell(live, claim, ranking, opinion)
        return affirmed

    def _competing(self, claim: Claim) -> Iterator[StoredRanking]:
        """Yield the best item of each story, of rules that tell anything at once."""
        with self.database.read() as connection:
            waiting = self._waiting(connection, claim)
        pressing = {rule.id for rule in claim.rules if rule.ranks and rule.priority is not Priority.DIGEST}
        yield from rankings.best_of_stories(each for each in waiting if each.rule_id in pressing)[:MAX_SHOWN]

    def _waiting(self, connection: Connection, claim: Claim) -> list[StoredRanking]:
        return rankings.waiting(connection, claim.id, [Tier.LINE.value], since=self.clock() - COMPETES_FOR)

    def _shown(self, ranking: StoredRanking) -> AskedItem:
        with self.database.read() as connection:
            entry = entries.entry(items.get(connection, ranking.item_id))
        text = body(entry)
        return AskedItem(id=ranking.item_id, title=entry.title, text=text, best=max(0, text.find(ranking.passage)))

    def _tell(self, live: Live, claim: Claim, ranking: StoredRanking, opinion: Opinion) -> bool:
        now = self.clock()
        with self.database.write() as connection:
            if ranking not in self._waiting(connection, claim):
                return False  # meanwhile its text has changed, or its story was told
            item = JudgedItem.read(connection, live, claim, ranking)
            item = item.because(f"the second reader affirms: {opinion.quote}")
            pressing = priority(claim.rule(ranking.rule_id), item.source)
            alert_id = ranked_alerts.add(connection, item, Attention.NOW, pressing, now=now)
            match = ranked_match(ranking, pressing, entries.document(item.entry, item.source).parts)
            new = entries.new_matches([match], EventKind.NEW)
            items.add_matches(connection, item.row.id, item.row.revision_id, new, now=now)
            view = _view(connection, live, item, match, alert_id=alert_id, at=now)
            send_about(connection, alert_id, messages.alert(view), live.recipients(claim), now=now)
        return True


def _question(claim: Claim, ranking: StoredRanking) -> str:
    return claim.rule(ranking.rule_id).asks or claim.claim_reviewed


def _view(
    connection: Connection, live: Live, item: JudgedItem, match: Match, *, alert_id: int, at: datetime
) -> AlertView:
    shown = views.item(item.entry, item.source, first_seen=item.row.first_seen_at)
    outlets, likely_origin = stories.others(connection, item.row.story_id, item.row.id, live.rulebook)
    return AlertView(
        alert_id=str(alert_id),
        at=at,
        claim=views.claim(item.claim),
        priority=match.priority,
        event=EventKind.NEW,
        item=shown,
        hits=views.hits(item.claim, [match], shown.parts),
        label=views.label(item.claim, [match], shown),
        impact=item.impact,
        outlets=outlets,
        likely_origin=likely_origin,
    )
