"""Explain how a rule was understood, and what each of its parts finds in a text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from watcher.authoring import rule_file
from watcher.matching import (
    Branch,
    Document,
    Hit,
    Matcher,
    Query,
    QueryError,
    Standing,
    TermList,
    parse,
    parse_list,
    trace,
    tree,
)
from watcher.model import ConfigError
from watcher.pipeline.learning import from_examples_alone
from watcher.ranking.ranked_text import RankedText
from watcher.ranking.ranker import Ranking
from watcher.rulebook import Problem, RulebookError, yaml_nodes
from watcher.rulebook.claims import RuleKey
from watcher.settings import Settings
from watcher.text.word_lists import did_you_mean, listed


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """One rule, and the conditions that may take its hits away."""

    name: str
    when: str
    tree: Branch
    unless: Mapping[str, Branch]
    hit: Hit | None = None
    """How it hit the text; None when no text was given, or it does not hit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedRanking:
    """How a rule that learns from examples ranks a text."""

    name: str
    now_at: float
    """Score from which an item is told at once."""
    ranking: Ranking[RuleKey] | None
    """None if no text was given, or it is about nothing that the rule is about."""
    resembles: str
    """The example that the passage is most like."""


def explain(asked: str, document: Document | None) -> list[Explained]:
    """Return the conditions asked for: one itself, that of ``FILE:RULE``, or those of every rule of a FILE.

    The rest of the file may have errors. Raise ConfigError with the position of what cannot be understood.
    """
    path, rule_id = _place(asked)
    if not path:
        return [_explained("", _parsed(asked), {}, document)]
    root = _composed(path)
    lists = _lists(path, root)
    names = [str(at[-1]) for at, _ in yaml_nodes.select(root, "rules", "*")]
    if rule_id and rule_id not in names:
        raise ConfigError(
            f"{path}: no rule is called {rule_id!r}{did_you_mean(rule_id, names)} (rules: {listed(names)})"
        )
    conditions = (each for key in ("when", "always") for each in yaml_nodes.scalars(root, "rules", "*", key))
    rules = {str(at[-2]): scalar for at, scalar in conditions}
    return [
        _explained(name, _query(path, scalar, lists), dict(_unless(path, root, lists, name)), document)
        for name, scalar in rules.items()
        if not rule_id or name == rule_id
    ]


def explain_ranking(asked: str, settings: Settings, text: str | None) -> list[ExplainedRanking]:
    """Return how the rules asked for rank, those that learn from examples, by the examples of the file alone.

    ``asked``: as `explain` takes it; the whole file has to be in order for this. Raise RulebookError if it is not.
    """
    path, rule_id = _place(asked)
    learn = {str(at[1]) for at, _ in yaml_nodes.select(_composed(path), "rules", "*", "like")} if path else set()
    if not any(rule_id in ("", name) for name in learn):
        return []
    ranker = from_examples_alone(rule_file.claim_file(Path(path), settings)).ranker
    rankings = {} if text is None else {ranking.rule: ranking for ranking in ranker.rank(RankedText(*_parts(text)))}
    return [
        ExplainedRanking(
            name=key.rule,
            now_at=trained.now_at,
            ranking=rankings.get(key),
            resembles=ranker.resembles(key, rankings[key].passage.text) if key in rankings else "",
        )
        for key, trained in ranker.rules.items()
        if not rule_id or key.rule == rule_id
    ]


def _place(asked: str) -> tuple[str, str]:
    """Return the file that is asked about and the rule in it; both empty for a condition, the rule for a whole file."""
    path, _, rule_id = (asked, "", "") if Path(asked).is_file() else asked.rpartition(":")
    return (path, rule_id) if path and Path(path).is_file() else ("", "")


def read_document(text: str) -> Document:
    """Return a text as a document whose title is the first line."""
    title, rest = _parts(text)
    return Document.of(title=title, text=rest)


def _parts(text: str) -> tuple[str, str]:
    title, _, rest = text.strip().partition("\n")
    return title.strip(), rest.strip()


def _explained(name: str, query: Query, unless: Mapping[str, Query], document: Document | None) -> Explained:
    shown = tree if document is None else lambda query: trace(query, document)
    hit = None
    if document is not None:
        matcher = Matcher([Standing(name, query, tuple(unless.items()))])
        hit = matcher.explain(name, document) if matcher.hits(document) else None
    return Explained(
        name=name,
        when=query.text.strip(),
        tree=shown(query),
        unless={each: shown(condition) for each, condition in unless.items()},
        hit=hit,
    )


def _parsed(text: str) -> Query:
    """Return a parsed condition. Raise ConfigError that points at the mistake."""
    try:
        return parse(text, {})
    except QueryError as error:
        line = text.count("\n", 0, error.offset)
        column = error.offset - (text.rfind("\n", 0, error.offset) + 1)
        pointed = f"{text.splitlines()[line] if text.strip() else text}\n{' ' * column}{'^' * error.length}"
        raise ConfigError(f"{error}\n{pointed}\n(to explain a rule of a file, write FILE:RULE)") from error


def _composed(path: str) -> yaml_nodes.Node:
    try:
        text = Path(path).read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8 text: save it as UTF-8") from error
    root, problems = yaml_nodes.compose(path, text)
    if root is None:
        raise RulebookError(problems)
    return root


def _lists(path: str, root: yaml_nodes.Node) -> dict[str, TermList]:
    lists = {}
    for at, node in yaml_nodes.select(root, "terms", "*"):
        entries = [entry for _, entry in yaml_nodes.scalars(node, "*")]
        try:
            lists[str(at[-1])] = parse_list(str(at[-1]), [entry.text for entry in entries])
        except QueryError as error:
            position = node.position if error.index is None else entries[error.index].place(error.offset)
            raise RulebookError([Problem.at(path, position, str(error))]) from error
    return lists


def _query(path: str, scalar: yaml_nodes.ScalarNode, lists: Mapping[str, TermList]) -> Query:
    try:
        return parse(scalar.text, lists)
    except QueryError as error:
        position = scalar.place(error.offset)
        raise RulebookError([Problem.at(path, position, str(error))]) from error


def _unless(
    path: str, root: yaml_nodes.Node, lists: Mapping[str, TermList], rule_id: str
) -> Iterator[tuple[str, Query]]:
    for at, node in yaml_nodes.select(root, "unless", "*"):
        name = str(at[-1])
        spared = {scalar.text for _, scalar in yaml_nodes.scalars(node, "except", "*")}
        condition = node if isinstance(node, yaml_nodes.ScalarNode) else yaml_nodes.find(node, ("when",))
        if isinstance(condition, yaml_nodes.ScalarNode) and rule_id not in spared:
            yield name, _query(path, condition, lists)
