"""Words of a text that is compared with another text. What a word of a rule is, ``watcher.matching.words`` says."""

from __future__ import annotations

import re

WORD = re.compile(r"\w+(?:[.,]\d+)*")
"""A run of letters and digits, or a number with its separators. The fingerprints in storage are made of these words:
another expression would recognise none of the stories kept before it."""
