"""HTTP headers as pairs of bytes, in the order they were sent, names in any case."""

from __future__ import annotations

Headers = tuple[tuple[bytes, bytes], ...]


def first(headers: Headers, name: str) -> bytes | None:
    """Return the value of the first header of this name, or None."""
    wanted = name.lower().encode()
    return next((value for key, value in headers if key.lower() == wanted), None)


def members(headers: Headers, name: str) -> list[bytes]:
    """Return the members of a list header, which may be sent in several lines (RFC 9110, section 5.3)."""
    wanted = name.lower().encode()
    joined = b",".join(value for key, value in headers if key.lower() == wanted)
    return [member.strip() for member in joined.split(b",") if member.strip()]
