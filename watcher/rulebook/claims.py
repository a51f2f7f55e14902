"""One file of ``claims/``: its shape, its conditions compiled, the names it uses looked up.

Each check reads the nodes and not the finished shape, so that a mistake in one place hides none in another.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from watcher import canary
from watcher.matching import Query, QueryError, Standing, TermList, parse, parse_list
from watcher.model import Claim, EventKind, Rule, Source
from watcher.ranking.syllabus import Syllabus
from watcher.rulebook import teaching, yaml_nodes
from watcher.rulebook.file_models import ClaimFile, RuleModel
from watcher.rulebook.problems import Position, Problem
from watcher.rulebook.sources import SourceNames
from watcher.rulebook.validation import validate
from watcher.text.humanize import pluralize
from watcher.text.word_lists import did_you_mean, listed

MIN_EXAMPLES = 3
"""Of what is meant: with fewer what is learnt changes with each one (bench/README.md)."""

_CANARY: Final = parse(canary.WHEN, {})

_NO_EFFECT: Final = (
    (("alert", "group"), "story", "group has no effect, one alert always covers all copies of a story: delete it"),
    (
        ("events", "removed"),
        "alert",
        "alert has no effect of its own here, removed items are reported only if they were alerted: "
        "write alert-if-alerted",
    ),
)
"""Keys and values that earlier versions offered and that change nothing: their files stay valid, but say so."""


class RuleKey(NamedTuple):
    """What a rule is called among all rules: its claim's id and its own."""

    claim: str
    rule: str


@dataclass(slots=True)
class Draft:
    """A claim's file while it is being read."""

    file: str
    root: yaml_nodes.Node
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    content: ClaimFile | None = None
    claim: Claim | None = None
    standing: tuple[Standing, ...] = ()
    syllabuses: Mapping[RuleKey, Syllabus] = field(default_factory=dict)

    def error(self, position: Position, message: str) -> None:
        """Record a mistake for which the file is refused."""
        self.problems.append(Problem.at(self.file, position, message))

    def warn(self, position: Position, message: str) -> None:
        """Record something that is valid and probably not meant."""
        self.warnings.append(Problem.at(self.file, position, message))


def read_claim(file: str, root: yaml_nodes.Node, names: SourceNames, channels: Collection[str] | None) -> Draft:
    """Return the draft of a claim; without mistakes it has the claim and its compiled conditions."""
    draft = Draft(file, root)
    draft.content, problems = validate(ClaimFile, file, root)
    draft.problems += problems
    _warn_of_no_effect(draft)
    queries = _compile(draft)
    _check_ranking(draft)
    _check_names(draft, names, channels)
    if draft.content and not draft.problems:
        draft.claim = _claim(draft.content, names)
        draft.standing = tuple(_standing(draft.content, queries))
        draft.syllabuses = {
            RuleKey(draft.claim.id, rule_id): taught for rule_id, taught in teaching.syllabuses(draft.content, names)
        }
        _warn_of_few_examples(draft)
        _warn_of_silence(draft, draft.claim, names)
    return draft


def _warn_of_no_effect(draft: Draft) -> None:
    for steps, value, message in _NO_EFFECT:
        for path, node in yaml_nodes.scalars(draft.root, *steps):
            if node.text == value:
                draft.warn(yaml_nodes.locate_key(draft.root, path), message)


# ------------------------------------------------------------------------------------------------ conditions


def _compile(draft: Draft) -> Mapping[yaml_nodes.NodePath, Query]:
    """Return every condition of the file, by its path."""
    lists = _lists(draft)
    queries: dict[yaml_nodes.NodePath, Query] = {}
    places = (("rules", "*", "when"), ("rules", "*", "always"), ("unless", "*"), ("unless", "*", "when"))
    for path, condition in (found for steps in places for found in yaml_nodes.scalars(draft.root, *steps)):
        if condition.style == '"':
            draft.error(condition.position, "YAML removes double quotes and backslashes: write it in single quotes")
        try:
            queries[path] = parse(condition.text, lists)
        except QueryError as error:
            draft.error(condition.place(error.offset), str(error))
            continue
        for offset, message in queries[path].warnings:
            draft.warn(condition.place(offset), message)
    _warn_of_unused(draft, {name for query in queries.values() for name in query.lists})
    return queries


def _lists(draft: Draft) -> dict[str, TermList]:
    """Return the named lists; an invalid one is replaced, so that conditions that use it are not reported as well."""
    lists: dict[str, TermList] = {}
    for path, node in yaml_nodes.select(draft.root, "terms", "*"):
        name = str(path[-1])
        entries = [entry for _, entry in yaml_nodes.scalars(node, "*")]
        try:
            lists[name] = parse_list(name, [entry.text for entry in entries])
        except QueryError as error:
            position = node.position if error.index is None else entries[error.index].place(error.offset)
            draft.error(position, str(error))
            lists[name] = parse_list(name, ["unreadable"])
    return lists


def _warn_of_unused(draft: Draft, used: Collection[str]) -> None:
    for path, _ in yaml_nodes.select(draft.root, "terms", "*"):
        if path[-1] not in used:
            position = yaml_nodes.locate_key(draft.root, path)
            draft.warn(position, f"no condition uses the list @{path[-1]}: use it or delete it")


# ------------------------------------------------------------------------------------------------ examples


def _check_ranking(draft: Draft) -> None:
    """Report what a rule cannot be both of, and words of ``about`` that cannot be read."""
    for path, node in yaml_nodes.select(draft.root, "rules", "*"):
        keys = node.keys if isinstance(node, yaml_nodes.MappingNode) else {}
        if "when" in keys and keys.keys() & {"like", "always"}:
            other = "like" if "like" in keys else "always"
            message = f"{path[-1]} has when and {other}: write always for what is told at once, or two rules"
            draft.error(keys["when"], message)
        for key in ("unlike", "lines", "relation"):
            if key in keys and "like" not in keys:
                draft.error(keys[key], f"{key} is for rules that rank by examples: {path[-1]} has no like")
    for path, node in yaml_nodes.select(draft.root, "about", "*"):
        for _, entry in yaml_nodes.scalars(node, "*"):
            try:
                parse_list(str(path[-1]), [entry.text])
            except QueryError as error:
                draft.error(entry.place(error.offset), str(error))


def _warn_of_few_examples(draft: Draft) -> None:
    for key, syllabus in draft.syllabuses.items():
        position = yaml_nodes.locate_key(draft.root, ("rules", key.rule, "like"))
        meant = sum(example.positive for example in syllabus.examples)
        if not meant:
            draft.warn(position, f"no test expects {key.rule}: it ranks by the words of the claim alone")
        elif meant < MIN_EXAMPLES:
            examples = pluralize(meant, "example")
            draft.warn(position, f"{key.rule} has {examples} of what is meant: about six are needed to tell at once")


# ------------------------------------------------------------------------------------------------ what stands


def _standing(content: ClaimFile, queries: Mapping[yaml_nodes.NodePath, Query]) -> Iterator[Standing]:
    unless = {name: queries.get(("unless", name)) or queries["unless", name, "when"] for name in content.unless}
    for rule_id in content.rules:
        against = tuple((name, query) for name, query in unless.items() if rule_id not in content.unless[name].except_)
        for key in ("when", "always"):
            if query := queries.get(("rules", rule_id, key)):
                yield Standing(RuleKey(content.id, rule_id), query, unless=against)
    yield Standing(RuleKey(content.id, canary.ID), _CANARY)


# ------------------------------------------------------------------------------------------------ names


def _check_names(draft: Draft, names: SourceNames, channels: Collection[str] | None) -> None:
    rules = {str(path[-1]) for path, _ in yaml_nodes.select(draft.root, "rules", "*")}
    unless = {str(path[-1]) for path, _ in yaml_nodes.select(draft.root, "unless", "*")}
    known_rule = _knows("rule", rules)
    known_unless = _knows("unless-condition", unless)
    known_channel = _knows("channel", channels or ())
    for steps, complaint in (
        (("rules", "*", "sources", "*"), names.complaint),
        (("needs", "*"), names.complaint),
        (("tests", "*", "source"), names.complaint_of_id),
        (("tests", "*", "expect", "*"), known_rule),
        (("tests", "*", "unlike", "*"), known_rule),
        (("tests", "*", "suppressed_by"), known_unless),
        (("tests", "*", "suppressed_by", "*"), known_unless),
        (("unless", "*", "except", "*"), known_rule),
        *([(("alert", "to", "*"), known_channel)] if channels is not None else []),
    ):
        for _, name in yaml_nodes.scalars(draft.root, *steps):
            if message := complaint(name.text):
                draft.error(name.position, message)
    _check_former_rules(draft, rules)


def _knows(what: str, known: Collection[str]) -> Callable[[str], str]:
    def complaint(name: str) -> str:
        return (
            "" if name in known else f"no {what} is called {name!r}{did_you_mean(name, known)} (known: {listed(known)})"
        )

    return complaint


def _check_former_rules(draft: Draft, rules: Collection[str]) -> None:
    taken: set[str] = set(rules)
    for _, former in yaml_nodes.scalars(draft.root, "rules", "*", "was", "*"):
        if former.text in taken:
            draft.error(former.position, f"two rules have the id {former.text!r}, now or formerly")
        taken.add(former.text)


# ------------------------------------------------------------------------------------------------ the claim


def _claim(content: ClaimFile, names: SourceNames) -> Claim:
    rules = tuple(_rule(rule_id, rule) for rule_id, rule in content.rules.items())
    return Claim(
        id=content.id,
        claim_reviewed=content.claim.claimReviewed,
        rating=content.claim.rating,
        rules=rules,
        url=content.claim.url,
        date_published=content.claim.datePublished,
        last_checked=content.claim.lastChecked,
        owner=content.owner,
        review_by=content.review_by,
        events={EventKind(kind): policy for kind, policy in content.events.policies().items()},
        alert_to=tuple(content.alert.to),
        remind_after=content.alert.remind_after,
        needs=_needs(content.needs, rules, names),
        expect_per_week=content.expect_per_week,
        was=tuple(content.was),
    )


def _rule(rule_id: str, content: RuleModel) -> Rule:
    return Rule(
        id=rule_id,
        when=content.when or content.always,
        always=bool(content.always),
        ranks=bool(content.like),
        lines=content.lines,
        asks=content.asks,
        bearing=content.bearing,
        priority=content.priority,
        sources=tuple(content.sources),
        was=tuple(content.was),
    )


def _needs(written: Collection[str], rules: Collection[Rule], names: SourceNames) -> tuple[str, ...]:
    """Ids of the sources without which the claim is blind: those written, else the official ones, else all it reads.

    A source that is not polled is needed only by who asks for it by its id.
    """
    if written:
        needed = [source for name in written for source in names.of(name) if source.enabled or source.id == name]
    else:
        read = [source for source in _enabled(names) if any(rule.listens_to(source) for rule in rules)]
        needed = [source for source in read if source.official] or read
    return tuple(dict.fromkeys(source.id for source in needed))


def _enabled(names: SourceNames) -> tuple[Source, ...]:
    return tuple(source for source in names.sources if source.enabled)


def _warn_of_silence(draft: Draft, claim: Claim, names: SourceNames) -> None:
    """Warn of what is valid and can never alert: rules and needs whose sources are all off."""
    for rule in claim.rules:
        if not any(rule.listens_to(source) for source in _enabled(names)):
            position = yaml_nodes.locate(draft.root, ("rules", rule.id, "sources"))
            draft.warn(position, f"none of the sources that {rule.id} listens to is polled: it can never hit")
    for _, name in yaml_nodes.scalars(draft.root, "needs", "*"):
        if not any(source.enabled for source in names.of(name.text)):
            draft.warn(name.position, f"{name.text} is not polled: this claim counts as blind")
