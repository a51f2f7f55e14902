"""What a sentence, a word, a stem, a lead and a safe line of text are: pure, and the same for every part of watcher.

The same sentence is asked for by ``near/s``, quoted in the alert, searched for denials, and compared after an edit.
"""

from __future__ import annotations
