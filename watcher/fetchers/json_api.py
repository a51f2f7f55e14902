"""Programming interfaces that return JSON, read by JMESPath expressions (jmespath.org)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import fields
from typing import Annotated, Any, Literal, Self

import jmespath
from jmespath.exceptions import JMESPathError
from pydantic import AfterValidator, BeforeValidator, Field, model_validator
from pydantic.json_schema import SkipJsonSchema

from watcher.fetchers.fetcher import FetcherTools, options_of
from watcher.fetchers.listing import Listing, ListingOptions
from watcher.fetchers.presets import INTERFACES
from watcher.fetchers.selectors import one_or_more
from watcher.model import FetchError, Memory, Reading, Reason, Source
from watcher.reading.extraction import JsonExpressions
from watcher.reading.results import Part
from watcher.web import Response

ACCEPT = "application/json, */*;q=0.1"
_BRACES = re.compile(r"\{([^{}]*)\}")
_SECRET = re.compile(r"\{([a-z0-9]+(?:[._-][a-z0-9]+)*)\}")


def _expression(written: str) -> str:
    if written:
        try:
            jmespath.compile(written)
        except JMESPathError as error:
            raise ValueError(f"not a JMESPath expression: {' '.join(str(error).split())}") from None
    return written


def _link(written: str) -> str:
    if not written.startswith(("http://", "https://", "/")):
        return _expression(written)
    for part in _BRACES.findall(written):
        _expression(part)
    return written


def _json(written: str) -> str:
    try:
        json.loads(written or "{}")
    except ValueError as error:
        raise ValueError(f"not JSON: {error}") from None
    return written


Expression = Annotated[str, AfterValidator(_expression)]


Link = Annotated[str, AfterValidator(_link)]
Links = Annotated[tuple[Link, ...], BeforeValidator(one_or_more, json_schema_input_type=Link | tuple[Link, ...])]


class JsonOptions(ListingOptions):
    """An interface that answers in JSON. The fields are JMESPath expressions; several texts they find are joined."""

    preset: Literal[tuple(INTERFACES)] | SkipJsonSchema[None] = None  # type: ignore[valid-type] # the names stand in one place
    """A known interface, whose options are taken where none are written."""
    items: Expression = "@"
    """The list of items in the answer."""
    key: Expression = ""
    """What identifies an item."""
    title: Expression = ""
    link: Links = ()
    """The item's page: expressions, or addresses with expressions in braces; the first that leads anywhere counts."""
    date: Expression = ""
    """When it was published; a day and a time may stand apart, as [day, time]."""
    summary: Expression = ""
    text: Expression = ""
    author: Expression = ""
    filed_under: Expression = ""
    """What the source files the item under; rules call it tag."""
    next: Expression = ""
    """Where the answer says that the items go on."""
    count: Expression = ""
    """How many items the answer says there are in all."""
    body: Annotated[str, AfterValidator(_json)] = ""
    """JSON that is sent; then the question is a POST."""
    headers: dict[str, str] = Field(default_factory=dict)
    """Headers that are sent; {name} stands for a secret of that name."""

    @model_validator(mode="before")
    @classmethod
    def _with_preset(cls, written: Any) -> Any:
        preset = INTERFACES.get(written.get("preset", "")) if isinstance(written, dict) else None
        return {**preset, **written} if preset else written

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not (self.title or self.text or self.summary):
            raise ValueError("nothing to read: write title, with what finds the title of an item")
        return self


class JsonFetcher:
    """Asks an interface, with the body and headers it needs, and has its JSON read."""

    def __init__(self, tools: FetcherTools) -> None:
        self._tools = tools

    def fetch(self, source: Source, memory: Memory) -> Reading:
        """Return the items that were not there before. Raise FetchError."""
        options = options_of(source, JsonOptions)
        expressions = JsonExpressions(**{each.name: getattr(options, each.name) for each in fields(JsonExpressions)})

        def visit(url: str, memory: Memory) -> Response:
            return self._visit(url, options, memory)

        def read(response: Response, _page: int) -> Part:
            return self._tools.read_part("json", response, memory.fingerprints, expressions)

        return Listing(source, memory, options, visit, read).reading()

    def _visit(self, url: str, options: JsonOptions, memory: Memory) -> Response:
        if not options.body and not options.headers:
            return self._tools.web.get(url, etag=memory.etag, last_modified=memory.last_modified, accept=ACCEPT)
        if self._tools.ask is None:
            raise FetchError(Reason.INTERNAL, "no body or headers can be sent here")
        headers = {"Accept": ACCEPT, **_filled(options.headers, self._tools.secrets)}
        content = options.body.encode() if options.body else None
        if content is not None:
            headers["Content-Type"] = "application/json"
        return self._tools.ask(url, content=content, headers=headers)


def _filled(headers: Mapping[str, str], secrets: Mapping[str, str]) -> dict[str, str]:
    """Return the headers with their secrets. Raise FetchError when there is no secret of a name."""
    missing = {name for value in headers.values() for name in _SECRET.findall(value)} - set(secrets)
    if missing:
        names = ", ".join(sorted(missing))
        raise FetchError(Reason.AUTHENTICATION, f"there is no secret called {names}: add it to the settings")
    return {name: _SECRET.sub(lambda secret: secrets[secret[1]], value) for name, value in headers.items()}
