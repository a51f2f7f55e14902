"""Words of a text that is compared with another; ``watcher.matching.rule_words`` says what a word of a rule is."""

from __future__ import annotations

import re

WORD = re.compile(r"\w+(?:[.,]\d+)*")
"""A run of letters and digits, or a number with its separators. The fingerprints in storage are made of these words:
another expression would recognise none of the stories kept before it."""
