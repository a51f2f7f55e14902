"""The rulebook: every rule file, loaded, checked and compiled together."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from watcher import canary
from watcher.matching import Document, Matcher
from watcher.model import Claim, Match, Priority, Rule, Source
from watcher.ranking.syllabus import Syllabus
from watcher.rulebook.claims import RuleKey
from watcher.rulebook.problems import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Rulebook:
    """All rule files, loaded, checked and compiled together."""

    sources: tuple[Source, ...]
    claims: tuple[Claim, ...]
    files: Mapping[str, str]
    """Each file's text by its name below the rules' directory: enough to load the very same rulebook again."""
    digest: str
    """SHA-256 over the files, in hexadecimal."""
    warnings: tuple[Problem, ...] = ()
    matcher: Matcher = field(repr=False, compare=False)
    syllabuses: Mapping[RuleKey, Syllabus] = field(default_factory=dict, repr=False, compare=False)
    """What the rules that rank by examples are taught with."""
    rules: Mapping[RuleKey, Rule] = field(init=False, repr=False, compare=False)
    """Every rule by its key: its claim's id and its own."""

    def __post_init__(self) -> None:
        by_key = {RuleKey(claim.id, rule.id): rule for claim in self.claims for rule in claim.rules}
        object.__setattr__(self, "rules", by_key)

    def claim(self, claim_id: str) -> Claim:
        """Return the claim of this id. Raises KeyError."""
        for claim in self.claims:
            if claim.id == claim_id:
                return claim
        raise KeyError(claim_id)

    def source(self, source_id: str) -> Source:
        """Return the source of this id, the canary included. Raises KeyError."""
        for source in (*self.sources, canary.SOURCE):
            if source.id == source_id:
                return source
        raise KeyError(source_id)

    def source_of(self, name: str) -> Source:
        """Return the source of a stored item by the name it had then; of a deleted source only the name is known."""
        named = (source for source in self.sources if name in (source.id, *source.was))
        return next(named, Source(id=name, kind="", url=""))

    def match(self, source: Source, document: Document) -> tuple[Match, ...]:
        """Return the hits in an item of this source by the rules that listen to it, suppressed hits included."""
        return tuple(
            self._explained(key, document)
            for key in self.matcher.hits(document)
            if isinstance(key, RuleKey) and self._hears(key, source)
        )

    def _hears(self, key: RuleKey, source: Source) -> bool:
        """Whether a rule is shown the items of a source; the canary is there for its own rules, and they for it."""
        if source.kind == canary.SOURCE.kind:
            return key.rule == canary.ID
        return key in self.rules and self.rules[key].listens_to(source)

    def _explained(self, key: RuleKey, document: Document) -> Match:
        hit = self.matcher.explain(key, document)
        return Match(
            claim_id=key.claim,
            rule_id=key.rule,
            spans=hit.spans,
            suppressed_by=hit.suppressed_by,
            distance=hit.distance,
            priority=self.rules[key].priority if key in self.rules else Priority.NORMAL,  # the canary's is in no file
        )


@dataclass(frozen=True, slots=True)
class Suspicion:
    """Why a valid rulebook does not go live before a person confirms it."""

    reason: str


def compare(old: Rulebook | None, new: Rulebook) -> Suspicion | None:
    """Return what is suspicious about a new rulebook: it has no rule, or more than half of the live rules are gone."""
    if old is None or not old.rules:
        return None
    kept = {
        RuleKey(claim_id, rule_id)
        for claim in new.claims
        for rule in claim.rules
        for claim_id in (claim.id, *claim.was)
        for rule_id in (rule.id, *rule.was)
    }
    lost = [key for key in old.rules if key not in kept]
    if not new.rules:
        return Suspicion(f"the new rule files have no rule; {len(old.rules)} are live")
    if 2 * len(lost) > len(old.rules):
        return Suspicion(f"{len(lost)} of the {len(old.rules)} live rules are gone from the new rule files")
    return None


def digest_of(files: Mapping[str, str]) -> str:
    """Return the SHA-256 over names and texts, in hexadecimal."""
    whole = hashlib.sha256()
    for name, text in sorted(files.items()):
        for part in (name, text):
            encoded = part.encode("utf-8", "surrogatepass")
            whole.update(len(encoded).to_bytes(8, "big") + encoded)
    return whole.hexdigest()
