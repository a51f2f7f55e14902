"""The newsroom of the demo: three sources, one claim, a desk that reads mail and a receiver of webhooks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress

from faults.journal import Record
from faults.refusals import DROP, STALL
from faults.signs import Sign
from faults.stage import Stage, Story

CITY, PAPER, WIRE = "city-notices", "morning-paper", "news-wire"
SOURCES = {CITY: ["official"], PAPER: ["press"], WIRE: ["press"]}

CLAIM = """\
watch: 1
id: officers-quit-to-join-ice
claim: {claimReviewed: Minneapolis police officers quit to join ICE, rating: No evidence}
terms:
  mpd: [Minneapolis police, Minneapolis officer*, MPD]
rules:
  documented-transfer:
    asks: Does this name or count officers who left for ICE?
    bearing: against-verdict
    priority: urgent
    when: '@mpd and ICE and (resign* or quit or left)'
unless:
  weather: '"ice storm" or "ice rink"'
tests:
  - {title: "Three Minneapolis officers resigned and joined ICE", expect: [documented-transfer]}
  - {title: "Minneapolis police reopen the road after the ice storm", expect: []}
"""

PATIENCE = 30.0
"""Seconds that one step of the day may take."""

Tell = Callable[[str], None]


class Newsroom:
    """Plays what happens outside, and tells what arrives as it arrives."""

    def __init__(self, stage: Stage, tell: Tell, patience: float = PATIENCE) -> None:
        self.stage = stage
        self._tell = tell
        self._patience = patience
        self._shown: dict[str, dict[str, Story]] = {name: {} for name in SOURCES}

    def says(self, words: str) -> None:
        """Tell what happens next."""
        self._tell(f"\n{words}")

    def publishes(self, source: str, *stories: Story, calls_for: Iterable[Sign] = ()) -> str:
        """A source adds stories, or changes those it has; gives the validator of what it shows now."""
        self._shown[source] |= {story.link: story for story in stories}
        newest_first = reversed(self._shown[source].values())
        return self.stage.publish(source, *newest_first, calls_for=calls_for)

    def shows(self, source: str, *stories: Story, calls_for: Iterable[Sign] = ()) -> None:
        """The same, and wait until the service has kept it."""
        etag = self.publishes(source, *stories, calls_for=calls_for)
        self._wait(lambda: self.stage.has_kept(source, etag), f"{source} was not read")

    def until_told(self, meanwhile: Callable[[], None] = lambda: None) -> None:
        """Wait until everything that was called for has arrived everywhere."""
        self._wait(self.stage.all_told, "not everything arrived", meanwhile)

    def until_quiet(self, seconds: float = 4) -> None:
        """Let some polls pass, in which nothing more may arrive."""
        self.stage.wait(lambda: False, seconds, self.report)

    def asks_again(self, source: str) -> None:
        """The desk wants a source read at once, however often it has failed."""
        self.report()
        with suppress(ConnectionError):  # it may have been killed
            self.stage.service.ask("poll_now", names=[source])

    def report(self) -> None:
        """Tell what was received since the last report."""
        for record in self.stage.look():
            self._tell(_line(record))

    def _wait(self, condition: Callable[[], bool], failure: str, meanwhile: Callable[[], None] = lambda: None) -> None:
        def report() -> None:
            self.report()
            meanwhile()

        if not self.stage.wait(condition, self._patience, report):
            self._tell(f"  {failure} within {self._patience:.0f} seconds")
        self.report()


def _line(record: Record) -> str:
    about = record.get("subject") or " ".join(record.get("sign", ["a message"]))
    return f"  {record['at']:%H:%M:%S}  {record['destination']:<18} {about}{_fate(record)}"


def _fate(record: Record) -> str:
    if record.get("acknowledged"):
        return ""
    return "  (then hung up)" if record["answer"] in (DROP, STALL) else f"  (refused: {record['answer']})"
