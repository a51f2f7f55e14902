"""Matching: the rule language, the document, and the matcher that matches many rules with one document.

``parse`` and ``parse_list`` turn what people write into a ``Query``; ``Matcher`` finds which of the standing queries
hit a ``Document`` and, if asked, why. Pure: nothing here reads a clock, a file or the network.
"""

from watcher.matching.document import Document
from watcher.matching.errors import QueryError
from watcher.matching.explain import Hit
from watcher.matching.lists import parse_list
from watcher.matching.matcher import Matcher, Standing
from watcher.matching.nodes import TermList
from watcher.matching.parser import Query, parse
from watcher.matching.trace import Branch, trace, tree

__all__ = [
    "Branch",
    "Document",
    "Hit",
    "Matcher",
    "Query",
    "QueryError",
    "Standing",
    "TermList",
    "parse",
    "parse_list",
    "trace",
    "tree",
]
