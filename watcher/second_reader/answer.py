"""What the second reader answered, checked against the text that it was shown. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from pydantic import BaseModel, ValidationError

from watcher.text.folding import straighten
from watcher.text.lines import collapsed

MIN_QUOTE_CHARS: Final = 10
"""A shorter quote stands in nearly every text, and proves nothing."""


class Says(StrEnum):
    """The answer to a rule's question."""

    YES = "yes"
    NO = "no"
    UNCLEAR = "unclear"


class Confidence(StrEnum):
    """How sure the second reader says it is."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Flaw(StrEnum):
    """Why a reply could not be used, so that its opinion is unclear."""

    MALFORMED = "not the JSON that was asked for"
    QUOTE_NOT_FOUND = "its quote is not in the text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """What the second reader thinks of an item."""

    answer: Says
    quote: str
    """The passage of the text that the answer rests on; empty where it is unclear."""
    confidence: Confidence
    flaw: Flaw | None = None

    @property
    def is_certain_no(self) -> bool:
        """Whether it is a no of the highest confidence."""
        return self.answer is Says.NO and self.confidence is Confidence.HIGH


UNCLEAR: Final = Opinion(answer=Says.UNCLEAR, quote="", confidence=Confidence.LOW)


class _Reply(BaseModel):
    answer: Says
    quote: str
    confidence: Confidence


def opinion(reply: str, shown: str) -> Opinion:
    """Return the opinion in a reply about the text ``shown``.

    It is unclear where the reply is not the JSON that was asked for, or its quote is not in the text: a reader that
    invents its evidence has not read.
    """
    try:
        read = _Reply.model_validate_json(reply)
    except ValidationError:
        return replace(UNCLEAR, flaw=Flaw.MALFORMED)
    if read.answer is Says.UNCLEAR:
        return UNCLEAR
    if not is_quoted(read.quote, shown):
        return replace(UNCLEAR, flaw=Flaw.QUOTE_NOT_FOUND)
    return Opinion(answer=read.answer, quote=read.quote, confidence=read.confidence)


def is_quoted(quote: str, text: str) -> bool:
    """Return whether a text contains a quote, whatever its line ends, runs of space and kinds of quotation marks.

    >>> is_quoted('"Two officers left"', "The chief said: “Two\\n  officers left”.")
    True
    """
    wanted = _comparable(quote)
    return len(wanted) >= MIN_QUOTE_CHARS and wanted in _comparable(text)


def _comparable(text: str) -> str:
    return collapsed(straighten(text)).strip()
