"""What only the running service knows, as it goes over the socket: the daemon writes it, `watcher status` reads it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

from watcher.known_faults import KnownFault
from watcher.model import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveStatus:
    """What only the running service knows."""

    version: str
    rules: str
    """Digest of the live rule files."""
    matcher: str
    workers: str
    known_faults: Sequence[KnownFault]
    refused: Sequence[str]
    """Why the rule files on disk are not live; empty when they are. What is merely suspicious is one text, no list."""
    short_of_room: bool
    polls_in_hand: int
    deliveries_in_hand: int

    def as_json(self) -> dict[str, Any]:
        """Return it as the socket and `watcher status --json` show it: keys are written with spaces."""
        return {name.replace("_", " "): value for name, value in asdict(self).items()}

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> Self:
        """Return what `as_json` made JSON of. Raises ConfigError when a service of another version wrote it."""
        values = {name.replace(" ", "_"): value for name, value in told.items()}
        try:
            faults = [KnownFault(**each) for each in values.pop("known_faults")]
            return cls(known_faults=faults, **values)
        except (KeyError, TypeError) as error:
            raise ConfigError("the running service is of another version: restart it after an update") from error
