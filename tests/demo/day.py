"""The day: what the world does, one thing after the other, and which messages that calls for."""

from __future__ import annotations

from dataclasses import replace

from demo.newsroom import CITY, PAPER, WIRE, Newsroom
from faults import signs
from faults.stage import NIGHT, Story

ALERTS_FOR_A_COPY = 0
"""A copy in a second outlet joins the alert that the first one made."""

VACANCIES = Story("https://city.example.org/notices/1", "Civil service notice: vacancies in the parks department")
EARLIER = Story("https://paper.example.org/1", "Rumor: Minneapolis police officers resigned to join ICE")
BUDGET = Story("https://paper.example.org/2", "Council passes the budget", "The vote was close.")
NOTICE = Story(
    "https://city.example.org/notices/2",
    "Civil service notice: separations",
    "Two Minneapolis police officers resigned on 3 March; both are now employed by ICE.",
)
STORM = Story("https://paper.example.org/3", "Minneapolis police reopen roads after an ice storm")
CHIEF = Story("https://paper.example.org/4", "Police chief answers questions", "The chief spoke about overtime.")
ANSWER = replace(
    CHIEF,
    summary="The chief said on Tuesday that four Minneapolis officers quit this year and joined ICE. All of them had "
    "served for more than ten years, and each gave a month's notice. He told the council's committee on public safety "
    "that he knew of no others, that nobody had been asked to leave, and that their names are in the separation "
    "notices which the civil service commission publishes every second week.",
)
COPY = Story("https://wire.example.org/9", ANSWER.title, ANSWER.summary)
UNION = Story("https://paper.example.org/5", "Union: two more Minneapolis officers left to work for ICE")
LATE = Story("https://wire.example.org/10", "Records: fifth Minneapolis officer left for ICE")
LAST = Story("https://city.example.org/notices/3", "Separations, corrected: six Minneapolis officers left for ICE")


def day(room: Newsroom) -> None:
    """Play it to its end."""
    morning(room)
    noon(room)
    evening(room)


def morning(room: Newsroom) -> None:
    """The first poll, an alert, and news that is none."""
    room.says("06:00  Three sources are watched from now on. What they show already becomes one digest.")
    room.publishes(CITY, VACANCIES)
    room.publishes(WIRE)
    room.publishes(PAPER, EARLIER, BUDGET, calls_for=[signs.ALREADY_THERE])
    room.stage.service.start()
    room.until_told()

    room.says("07:10  The city publishes a notice: two officers resigned and work for ICE.")
    room.shows(CITY, NOTICE, calls_for=[signs.alert(NOTICE.link)])
    room.until_told()

    room.says("08:00  The paper reports an ice storm, and corrects a comma. Nobody needs to hear that.")
    room.shows(PAPER, STORM, replace(BUDGET, summary="The vote, was close."))
    room.until_quiet(3)


def noon(room: Newsroom) -> None:
    """An edit that starts to match, a copy elsewhere, and receivers that refuse."""
    room.says("11:30  The paper has the chief answer questions; at first about overtime.")
    room.shows(PAPER, CHIEF)

    room.says("12:15  The paper edits its story: now it is about officers who joined ICE.")
    room.shows(PAPER, ANSWER, calls_for=[signs.alert(ANSWER.link)])
    room.until_told()

    room.says("12:40  The wire brings a copy of it, which is no second piece of news.")
    room.shows(WIRE, COPY, calls_for=[signs.alert(COPY.link)] * ALERTS_FOR_A_COPY)
    room.until_told()

    room.says("13:30  The union speaks. The mail server and the webhook receiver are busy, and refuse once each.")
    room.stage.mail.order(order="refuse", answer="451 4.7.1 try again later", to=NIGHT)
    room.stage.hook.order(order="refuse", answer="503")
    room.shows(PAPER, UNION, calls_for=[signs.alert(UNION.link)])
    room.until_told()


def evening(room: Newsroom) -> None:
    """A source that goes and comes back, and an acknowledgement that is lost."""
    stage = room.stage
    room.says("15:00  The wire is down. The desk asks for it again and again.")
    stage.break_down(WIRE, "503", calls_for=[signs.failing(WIRE)])
    room.until_told(meanwhile=lambda: room.asks_again(WIRE))

    room.says("16:20  The wire is back, with a story that appeared meanwhile.")
    stage.mend(WIRE, calls_for=[signs.recovered(WIRE)])
    room.asks_again(WIRE)
    room.shows(WIRE, LATE, calls_for=[signs.alert(LATE.link)])
    room.until_told(meanwhile=lambda: room.asks_again(WIRE))

    room.says("18:00  The city corrects its notice. The webhook receiver takes it, and dies before it can say so.")
    stage.hook.order(order="refuse", answer="drop")
    room.shows(CITY, LAST, calls_for=[signs.alert(LAST.link)])
    room.until_told()

    room.says("19:00  Nothing more happens.")
    room.until_quiet()
