"""CSS selectors as people write them: ``h3 a``, or ``time@datetime`` for an attribute, ``.`` for the item itself."""

from __future__ import annotations

import re
from typing import Annotated

import soupsieve
from pydantic import AfterValidator, BeforeValidator, Field

_WRITTEN = re.compile(r"(?P<css>.*?)(?:@(?P<attribute>[A-Za-z][\w:.-]*))?", re.DOTALL)


def parted(written: str) -> tuple[str, str]:
    """The selector, empty for the item itself, and the attribute, empty for the text."""
    found = _WRITTEN.fullmatch(written)
    css, attribute = (found["css"].strip(), found["attribute"] or "") if found else (written, "")
    return ("" if css == "." else css), attribute


def _css(written: str) -> str:
    try:
        soupsieve.compile(written)
    except (soupsieve.SelectorSyntaxError, NotImplementedError) as error:
        raise ValueError(f"not a CSS selector: {str(error).splitlines()[0]}") from None
    return written


def css_or_nothing(written: str) -> str:
    """The selector as written. Raises ValueError when it is none."""
    return _css(written) if written else written


def _selector(written: str) -> str:
    css_or_nothing(parted(written)[0])
    return written


def one_or_more(written: object) -> object:
    """A list of what may be written alone."""
    return [written] if isinstance(written, str) else written


Css = Annotated[str, AfterValidator(_css)]
Selector = Annotated[str, Field(min_length=1), AfterValidator(_selector)]
Selectors = Annotated[
    tuple[Selector, ...], BeforeValidator(one_or_more, json_schema_input_type=Selector | tuple[Selector, ...])
]
