"""The values people write in rule files: every one arrives as text, and is made here what it means."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, StringConstraints, WithJsonSchema

from watcher.schedule import MAX_SPACING

_DURATION = re.compile(r"(?P<count>[1-9][0-9]{0,5})(?P<unit>[smhdw])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_RANGE = re.compile(r"([0-9]{1,6})-([0-9]{1,6})")
_YES_NO = {"true": True, "false": False}
_MAX_POLL_INTERVAL = timedelta(days=7)
"""A source that is read less often would be reported as silent, and feeds drop their oldest items within days."""


def _duration(value: object) -> object:
    if isinstance(value, str):
        found = _DURATION.fullmatch(value)
        if not found:
            raise ValueError("write a number and a unit, like 30s, 15m, 4h, 1d or 2w")
        return timedelta(**{_UNITS[found["unit"]]: int(found["count"])})
    return value


def check_interval(value: timedelta) -> timedelta:
    """Return the polling interval. Raises ValueError above a week."""
    if value > _MAX_POLL_INTERVAL:
        raise ValueError("a source is polled at least once a week: 7d at most")
    return value


def check_spacing(value: timedelta) -> timedelta:
    """Return the pause between two visits to a host. Raises ValueError above 15 minutes."""
    if value > MAX_SPACING:
        raise ValueError("at most 15 minutes; to poll the source less often, write every")
    return value


def _range(value: object) -> object:
    if isinstance(value, str):
        found = _RANGE.fullmatch(value)
        if not found or int(found[1]) > int(found[2]):
            raise ValueError("write the least and the most, like 0-6")
        return int(found[1]), int(found[2])
    return value


def _day(value: str) -> str:
    try:
        if len(value) == 10:
            return date.fromisoformat(value).isoformat()
    except ValueError:
        pass
    raise ValueError("write a day as year-month-day, like 2027-02-01")


def _yes_no(value: object) -> object:
    if isinstance(value, str):
        if value not in _YES_NO:
            raise ValueError("write true or false")
        return _YES_NO[value]
    return value


def _web_address(value: str) -> str:
    address = re.fullmatch(r"https?://(?P<user>[^/?#@\s]*@)?(?P<host>[^/?#@\s]+)(?P<rest>[/?#]\S*)?", value)
    if not address:
        raise ValueError("write a whole web address, like https://example.org/feed.xml")
    if address["user"]:
        raise ValueError("a rule file may be public: leave names and passwords out of the address")
    return value


def one_or_more(value: object) -> object:
    """Return a list of one for a single text, where several are allowed."""
    return [value] if isinstance(value, str) else value


def condition(value: object) -> object:
    """Return a condition that is written alone as one without exceptions."""
    return {"when": value} if isinstance(value, str) else value


def _as_written(value: object) -> object:
    if value == "1":
        return 1
    raise ValueError("this version reads format 1 only: write watch: 1")


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+([._-][a-z0-9]+)*$", max_length=80)]
ListName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_-]*$", max_length=80)]
Duration = Annotated[
    timedelta,
    BeforeValidator(_duration),
    WithJsonSchema({"type": "string", "pattern": r"^[1-9][0-9]{0,5}[smhdw]$", "examples": ["15m", "4h", "1d"]}),
]
Range = Annotated[
    tuple[int, int],
    BeforeValidator(_range),
    WithJsonSchema({"type": "string", "pattern": r"^[0-9]{1,6}-[0-9]{1,6}$", "examples": ["0-6"]}),
]
Day = Annotated[str, AfterValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
YesNo = Annotated[bool, BeforeValidator(_yes_no), WithJsonSchema({"type": "boolean"})]
Address = Annotated[str, AfterValidator(_web_address), WithJsonSchema({"type": "string", "format": "uri"})]
Format = Annotated[Literal[1], BeforeValidator(_as_written), WithJsonSchema({"const": 1})]
