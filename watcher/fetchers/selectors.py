"""CSS selectors as people write them: ``h3 a``, or ``time@datetime`` for an attribute, ``.`` for the item itself."""

from __future__ import annotations

import re
from typing import Annotated

import soupsieve
from pydantic import AfterValidator, BeforeValidator, Field

from watcher.reading.extraction import Selector

_WRITTEN = re.compile(r"(?P<css>.*?)(?:@(?P<attribute>[A-Za-z][\w:.-]*))?", re.DOTALL)


def parted(written: str) -> Selector:
    """Return what is written as a selector and an attribute, each of which may be empty."""
    found = _WRITTEN.fullmatch(written)
    css, attribute = (found["css"].strip(), found["attribute"] or "") if found else (written, "")
    return Selector("" if css == "." else css, attribute)


def _css(written: str) -> str:
    try:
        soupsieve.compile(written)
    except (soupsieve.SelectorSyntaxError, NotImplementedError) as error:
        raise ValueError(f"not a CSS selector: {str(error).splitlines()[0]}") from None
    return written


def css_or_nothing(written: str) -> str:
    """Return the selector as written, which may be empty. Raise ValueError when it is not one."""
    return _css(written) if written else written


def _selector(written: str) -> str:
    css_or_nothing(parted(written)[0])
    return written


def one_or_more(written: object) -> object:
    """Return a list of what may be written without one."""
    return [written] if isinstance(written, str) else written


Css = Annotated[str, AfterValidator(_css)]
WrittenSelector = Annotated[str, Field(min_length=1), AfterValidator(_selector)]
Selectors = Annotated[
    tuple[WrittenSelector, ...],
    BeforeValidator(one_or_more, json_schema_input_type=WrittenSelector | tuple[WrittenSelector, ...]),
]
