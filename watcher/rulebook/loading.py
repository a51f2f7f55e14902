"""From the text of rule files to a rulebook, or to everything that is wrong with them."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager

from watcher.matching import Matcher
from watcher.rulebook import yaml_nodes
from watcher.rulebook.book import Rulebook, digest_of
from watcher.rulebook.claims import Draft, read_claim
from watcher.rulebook.disk import CLAIMS_FOLDER, SOURCES_FILE
from watcher.rulebook.inline_tests import run_inline_tests
from watcher.rulebook.problems import Problem, RulebookError
from watcher.rulebook.sources import Kinds, SourceNames, read_sources


@contextmanager
def collector_paused() -> Iterator[None]:
    """Pause the garbage collector: rules are many objects that all stay, and it would search them again and again."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@collector_paused()
def load(files: Mapping[str, str], kinds: Kinds, channels: Collection[str] | None = None) -> Rulebook:
    """Return the rulebook of files, given as text by name; ``channels`` None: their names are not checked.

    Raises RulebookError with every problem of every file: one problem refuses the whole set.
    """
    roots, problems = _compose(files)
    names, wrong = _names(files, roots.pop(SOURCES_FILE, None), kinds)
    problems += wrong
    drafts = [read_claim(file, root, names, channels) for file, root in roots.items()]
    problems += [problem for draft in drafts for problem in draft.problems]
    problems += _collisions(drafts)
    sound = [draft for draft in drafts if draft.claim]
    matcher = Matcher([standing for draft in sound for standing in draft.standing])
    problems += [problem for draft in sound for problem in run_inline_tests(draft, matcher, names)]
    if problems:
        raise RulebookError(problems)
    return Rulebook(
        sources=names.sources,
        claims=tuple(draft.claim for draft in drafts if draft.claim),
        files=dict(files),
        digest=digest_of(files),
        warnings=tuple(sorted(warning for draft in drafts for warning in draft.warnings)),
        matcher=matcher,
        syllabuses={key: taught for draft in drafts for key, taught in draft.syllabuses.items()},
    )


def _compose(files: Mapping[str, str]) -> tuple[dict[str, yaml_nodes.Node], list[Problem]]:
    roots: dict[str, yaml_nodes.Node] = {}
    problems: list[Problem] = []
    for file, text in sorted(files.items()):
        if file != SOURCES_FILE and not file.startswith(f"{CLAIMS_FOLDER}/"):
            message = f"not read: sources belong in {SOURCES_FILE}, claims in {CLAIMS_FOLDER}/"
            problems.append(Problem(file, 0, 0, message))
            continue
        root, wrong = yaml_nodes.compose(file, text)
        problems += wrong
        if root is not None:
            roots[file] = root
    return roots, problems


def _names(files: Mapping[str, str], root: yaml_nodes.Node | None, kinds: Kinds) -> tuple[SourceNames, list[Problem]]:
    if root is not None:
        return read_sources(SOURCES_FILE, root, kinds)
    return SourceNames((), None if SOURCES_FILE in files else frozenset()), []


def _collisions(drafts: Sequence[Draft]) -> list[Problem]:
    """Two claims of one id, now or formerly, would share a history."""
    ids = [
        (draft.file, name)
        for draft in drafts
        for steps in (("id",), ("was", "*"))
        for _, name in yaml_nodes.scalars(draft.root, *steps)
    ]
    count = Counter(name.text for _, name in ids)
    return [
        Problem.at(file, name.position, f"two claims have the id {name.text!r}, now or formerly")
        for file, name in ids
        if count[name.text] > 1
    ]
