"""Render many items as one message: what was already there when watching began, a flood, or the daily digest."""

from __future__ import annotations

from watcher.messages import data
from watcher.messages.layout import LabelledLine, Link, Section, as_html, as_text, field
from watcher.messages.message_views import DigestEntry, DigestReason, DigestView
from watcher.messages.payload import payload
from watcher.messages.quote import quotes
from watcher.model import MessageKind, Rendered
from watcher.text.humanize import pluralize, when
from watcher.text.lines import one_line
from watcher.text.links import web_link

_LABEL = {
    DigestReason.ALREADY_THERE: "[already there]",
    DigestReason.FLOOD: "[many at once]",
    DigestReason.DAILY: "[daily digest]",
}
_MAX_QUOTES = 2
_MAX_ENTRIES = 100
"""Entries of a digest: nobody reads a longer list, and `watcher alerts` lists the rest."""


def digest(view: DigestView) -> Rendered:
    """Return a digest (webhook type ``digest``). "Already there" lists what the rules would have alerted before."""
    subject = _subject(view)
    closing = (field("Note", *(one_line(note, 500) for note in view.notes[:20])), field("", data.CAUTION))
    sections = [_opening(view), *_entries(view), closing]
    return Rendered(
        kind=MessageKind.DIGEST,
        subject=subject,
        text=as_text(sections),
        html=as_html(subject, sections),
        data=payload(
            "digest",
            view.at,
            {
                "reason": view.reason.value,
                "claim": data.claim(view.claim),
                "sources": view.sources,
                "items": view.items,
                "recent": would_have_alerted(view),
                "days": view.window.days,
                "notes": list(view.notes),
                "entries": [data.entry(entry) for entry in view.entries],
            },
        ),
    )


def _subject(view: DigestView) -> str:
    what = _LABEL[view.reason]
    about = one_line(view.claim.claim_reviewed, 80)
    return f"{what} {about}: {pluralize(len(view.entries), 'item')}"


def _opening(view: DigestView) -> Section:
    claim = f"{one_line(view.claim.claim_reviewed)} ({one_line(view.claim.rating)})"
    read = f"read {pluralize(view.sources, 'source')}, {pluralize(view.items, 'item')}"
    if view.reason is DigestReason.FLOOD:
        many = f"a source shows many new items at once; {pluralize(len(view.entries), 'item')} matched"
        return (field("Claim", claim), field("", f"{many}, and nothing was left out"))
    if view.reason is DigestReason.DAILY:
        return (field("Claim", claim), field("", f"{read}; {pluralize(len(view.entries), 'item')} for this digest"))
    recent = would_have_alerted(view)
    older = len(view.entries) - recent
    alerted = f"these rules would have alerted {pluralize(recent, 'time')} in the last {view.window.days} days"
    return (
        field("", f"{read}; {alerted}"),
        field("", f"and {pluralize(older, 'time')} on items that are older or bear no date" if older else ""),
        field("Claim", claim),
    )


def would_have_alerted(view: DigestView) -> int:
    """Return how many of the entries were published within the window; those without a date are not counted."""
    earliest = view.at - view.window
    return sum(entry.item.published is not None and entry.item.published >= earliest for entry in view.entries)


def _entries(view: DigestView) -> list[Section]:
    sections = [_entry(number, entry) for number, entry in enumerate(view.entries[:_MAX_ENTRIES], start=1)]
    if len(view.entries) > _MAX_ENTRIES:
        sections.append((field("", f"and {len(view.entries) - _MAX_ENTRIES} more, listed by: watcher alerts"),))
    return sections


def _entry(number: int, entry: DigestEntry) -> Section:
    item = entry.item
    rules = ", ".join(one_line(hit.rule_id, 60) for hit in entry.hits)
    found = quotes(item.parts, sorted({span for hit in entry.hits for span in hit.spans}))
    moment = f"published {when(item.published)}" if item.published else f"first seen {when(item.first_seen)}"
    return (
        field(f"{number}", one_line(item.title) or "(without a title)"),
        field("", Link(web_link(item.link))),
        field("", f"{one_line(item.source_id)}{' (official)' if item.official else ''}, {moment}"),
        field("Rules", rules),
        LabelledLine("Matched", tuple(quote.line for quote in found[:_MAX_QUOTES])),
        field("Answer with", *(data.answer_lines(entry.alert_id) if entry.alert_id else ())),
    )
