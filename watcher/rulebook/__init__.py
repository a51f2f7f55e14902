"""Rule files: read with positions, checked as a whole, compiled, tested, and the last good set kept."""

from watcher.rulebook.book import Rulebook, Suspicion, compare, digest_of
from watcher.rulebook.disk import fingerprint, read_files
from watcher.rulebook.loading import load
from watcher.rulebook.problems import Problem, RulebookError

__all__ = [
    "Problem",
    "Rulebook",
    "RulebookError",
    "Suspicion",
    "compare",
    "digest_of",
    "fingerprint",
    "load",
    "read_files",
]
