"""``sources.yaml``: what is polled, and the names that rules may call it by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from watcher.model import Source
from watcher.rulebook import yaml_nodes
from watcher.rulebook.file_models import SourceModel, SourcesFile
from watcher.rulebook.problems import Problem
from watcher.rulebook.validation import unknown_keys, validate
from watcher.rulebook.yaml_nodes import MappingNode
from watcher.source_options import SourceOptions
from watcher.text.word_lists import did_you_mean, listed

Kinds = Mapping[str, type[SourceOptions]]
"""The options of each kind of source, by the kind's name."""


@dataclass(frozen=True, slots=True)
class SourceNames:
    """The sources of a file by the names that rules may use: ids and tags share one namespace."""

    sources: tuple[Source, ...]
    written: frozenset[str] | None = frozenset()
    """Names in the file, of invalid sources too, so that a rule that uses one is not reported as well; None: the file
    cannot be read."""

    def of(self, name: str) -> tuple[Source, ...]:
        """Return the sources with this id or tag."""
        return tuple(source for source in self.sources if name in source.names)

    def complaint(self, name: str) -> str:
        """Return what is wrong with a name that no source has; empty when one has it."""
        if self.written is None or name in self.written or self.of(name):
            return ""
        for source in self.sources:
            if name in source.was:
                return f"the source {name!r} is called {source.id} now"
        known = self.written.union(*(source.names for source in self.sources))
        return f"no source has the id or tag {name!r}{did_you_mean(name, known)} (known: {listed(known)})"

    def complaint_of_id(self, name: str) -> str:
        """Return what is wrong with a name that has to be the id of one source; empty when it is."""
        tagged = any(name in source.tags for source in self.sources)
        return f"{name!r} is a tag: name one source by its id" if tagged else self.complaint(name)


def read_sources(file: str, root: yaml_nodes.Node, kinds: Kinds) -> tuple[SourceNames, list[Problem]]:
    """Return the sources of a file with their names, and everything that is wrong with it."""
    _, problems = validate(SourcesFile, file, root)
    sources: list[Source] = []
    for _, node in yaml_nodes.select(root, "sources", "*"):
        source, wrong = _read_source(file, node, kinds)
        problems += wrong
        sources += [source] if source else []
    problems += _collisions(file, root)
    ids = yaml_nodes.scalars(root, "sources", "*", "id")
    tags = yaml_nodes.scalars(root, "sources", "*", "tags", "*")
    return SourceNames(tuple(sources), frozenset(name.text for _, name in (*ids, *tags))), problems


def _read_source(file: str, node: yaml_nodes.Node, kinds: Kinds) -> tuple[Source | None, list[Problem]]:
    if not isinstance(node, MappingNode):
        return None, [Problem.at(file, node.position, "a source has keys with values: id, kind, url")]
    kind = next((kind.text for _, kind in yaml_nodes.scalars(node, "kind")), "")
    known = [*SourceModel.model_fields, *(kinds[kind].model_fields if kind in kinds else node.keys)]
    unknown = [key for key in node.keys if key not in known]
    content, problems = validate(SourceModel, file, _only(node, SourceModel.model_fields), unknown=unknown)
    if kind not in kinds:
        if kind:
            message = f"unknown kind {kind!r}{did_you_mean(kind, kinds)} (known: {listed(kinds)})"
            problems.append(Problem.at(file, yaml_nodes.locate(node, ("kind",)), message))
        return None, problems
    problems += unknown_keys(file, node, known)
    options, wrong = validate(kinds[kind], file, _only(node, kinds[kind].model_fields), unknown=unknown)
    problems += wrong
    if content and not content.enabled and not content.disabled_because:
        problems.append(Problem.at(file, yaml_nodes.locate(node, ("enabled",)), "add disabled_because with the reason"))
    if content is None or options is None:
        return None, problems
    return _source(content, options), problems


def _source(content: SourceModel, options: SourceOptions) -> Source:
    return Source(
        id=content.id,
        kind=content.kind,
        url=content.url,
        tags=frozenset(content.tags),
        every=content.every,
        adapts="every" not in content.model_fields_set,
        keeps=content.keeps,
        enabled=content.enabled,
        disabled_because=content.disabled_because,
        was=tuple(content.was),
        text_from=content.text_from,
        spacing=content.spacing,
        options=options,
    )


def _only(node: MappingNode, names: Collection[str]) -> MappingNode:
    """Return the node with the entries of these names alone."""
    return replace(node, entries={key: value for key, value in node.entries.items() if key in names})


def _collisions(file: str, root: yaml_nodes.Node) -> list[Problem]:
    """Ids, tags and former ids share one namespace, in which each id is one source's alone."""
    ids = list(yaml_nodes.scalars(root, "sources", "*", "id"))
    former = list(yaml_nodes.scalars(root, "sources", "*", "was", "*"))
    tags = {tag.text for _, tag in yaml_nodes.scalars(root, "sources", "*", "tags", "*")}
    count = Counter(name.text for _, name in [*ids, *former])
    problems = [
        Problem.at(file, name.position, f"two sources have the id {name.text!r}, now or formerly")
        for _, name in [*ids, *former]
        if count[name.text] > 1
    ]
    return problems + [
        Problem.at(file, name.position, f"{name.text!r} is a tag too: ids and tags of sources share one namespace")
        for _, name in [*ids, *former]
        if name.text in tags
    ]
