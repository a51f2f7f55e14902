"""``sources.yaml``: what is polled, and the names that rules may call it by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from watcher.model import Source
from watcher.rulebook import nodes
from watcher.rulebook.problems import Problem
from watcher.rulebook.shapes import SourcesFile, SourceShape
from watcher.rulebook.shaping import shape, unknown_keys
from watcher.source_options import SourceOptions
from watcher.wording import did_you_mean, listed

Kinds = Mapping[str, type[SourceOptions]]
"""The options of each kind of source, by the kind's name."""


@dataclass(frozen=True, slots=True)
class SourceNames:
    """The one namespace of ids and tags."""

    sources: tuple[Source, ...]
    written: frozenset[str] | None = frozenset()
    """Names that stand in the file, whether or not their source is in order; None: the file cannot be read.

    Who uses these names is not blamed for them.
    """

    def of(self, name: str) -> tuple[Source, ...]:
        """The sources that an id or a tag means."""
        return tuple(source for source in self.sources if name in source.names)

    def complaint(self, name: str) -> str:
        """What is wrong with a name that means no source; empty when it means one."""
        if self.written is None or name in self.written or self.of(name):
            return ""
        for source in self.sources:
            if name in source.was:
                return f"the source {name!r} is called {source.id} now"
        known = self.written.union(*(source.names for source in self.sources))
        return f"no source has the id or tag {name!r}{did_you_mean(name, known)} (known: {listed(known)})"

    def complaint_of_id(self, name: str) -> str:
        """What is wrong with a name that has to be one source's id."""
        tagged = any(name in source.tags for source in self.sources)
        return f"{name!r} is a tag: name one source by its id" if tagged else self.complaint(name)


def read_sources(file: str, root: nodes.Node, kinds: Kinds) -> tuple[SourceNames, list[Problem]]:
    """The sources of a file with their names, and everything that is wrong with it."""
    _, problems = shape(SourcesFile, file, root)
    sources: list[Source] = []
    for _, node in nodes.select(root, "sources", "*"):
        source, wrong = _read_source(file, node, kinds)
        problems += wrong
        sources += [source] if source else []
    problems += _collisions(file, root)
    ids = nodes.scalars(root, "sources", "*", "id")
    tags = nodes.scalars(root, "sources", "*", "tags", "*")
    return SourceNames(tuple(sources), frozenset(name.text for _, name in (*ids, *tags))), problems


def _read_source(file: str, node: nodes.Node, kinds: Kinds) -> tuple[Source | None, list[Problem]]:
    if not isinstance(node, nodes.Mapping):
        return None, [_at(file, node.mark, "a source has keys with values: id, kind, url")]
    common, rest = _parted(node, SourceShape.model_fields)
    kind = next((kind.text for _, kind in nodes.scalars(node, "kind")), "")
    known = [*SourceShape.model_fields, *(kinds[kind].model_fields if kind in kinds else node.keys)]
    unknown = [key for key in node.keys if key not in known]
    shaped, problems = shape(SourceShape, file, common, unknown=unknown)
    if kind not in kinds:
        if kind:
            message = f"unknown kind {kind!r}{did_you_mean(kind, kinds)} (known: {listed(kinds)})"
            problems.append(_at(file, nodes.locate(node, ("kind",)), message))
        return None, problems
    problems += unknown_keys(file, node, known)
    options, wrong = shape(kinds[kind], file, _parted(rest, kinds[kind].model_fields)[0], unknown=unknown)
    problems += wrong
    if shaped and not shaped.enabled and not shaped.disabled_because:
        problems.append(_at(file, nodes.locate(node, ("enabled",)), "say why: add disabled_because"))
    if shaped is None or options is None:
        return None, problems
    return _source(shaped, options), problems


def _source(shaped: SourceShape, options: SourceOptions) -> Source:
    return Source(
        id=shaped.id,
        kind=shaped.kind,
        url=shaped.url,
        tags=frozenset(shaped.tags),
        every=shaped.every,
        adapts="every" not in shaped.model_fields_set,
        keeps=shaped.keeps,
        enabled=shaped.enabled,
        disabled_because=shaped.disabled_because,
        was=tuple(shaped.was),
        text_from=shaped.text_from,
        spacing=shaped.spacing,
        options=options,
    )


def _parted(node: nodes.Mapping, names: Iterable[str]) -> tuple[nodes.Mapping, nodes.Mapping]:
    """The entries of these names, and the others."""
    mine = set(names)
    inside = {key: value for key, value in node.entries.items() if key in mine}
    outside = {key: value for key, value in node.entries.items() if key not in mine}
    return nodes.Mapping(inside, node.keys, node.mark), nodes.Mapping(outside, node.keys, node.mark)


def _collisions(file: str, root: nodes.Node) -> list[Problem]:
    """Ids, tags and former ids share one namespace, in which each id is one source's alone."""
    ids = list(nodes.scalars(root, "sources", "*", "id"))
    former = list(nodes.scalars(root, "sources", "*", "was", "*"))
    tags = {tag.text for _, tag in nodes.scalars(root, "sources", "*", "tags", "*")}
    count = Counter(name.text for _, name in [*ids, *former])
    problems = [
        _at(file, name.mark, f"two sources have the id {name.text!r}, now or formerly")
        for _, name in [*ids, *former]
        if count[name.text] > 1
    ]
    return problems + [
        _at(file, name.mark, f"{name.text!r} is a tag too: ids and tags of sources share one namespace")
        for _, name in [*ids, *former]
        if name.text in tags
    ]


def _at(file: str, mark: nodes.Mark, message: str) -> Problem:
    return Problem(file, mark.line, mark.column, message)
