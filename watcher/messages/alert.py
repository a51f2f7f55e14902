"""Render an alert, an update to it, or its withdrawal for people and programs."""

from __future__ import annotations

from typing import Any

from watcher.messages import data, label
from watcher.messages.layout import LabelledLine, Line, Link, Section, as_html, as_text, field
from watcher.messages.message_views import AlertView, HitView, ItemView, OutletView, SentenceChange
from watcher.messages.payload import payload
from watcher.messages.quote import Quote, quotes
from watcher.model import Bearing, EventKind, MessageKind, Rendered
from watcher.text.humanize import pluralize, when
from watcher.text.lines import one_line
from watcher.text.links import web_link

BEARING = {
    Bearing.AGAINST: "against the verdict",
    Bearing.FOR: "for the verdict",
    Bearing.CONTEXT: "context",
}

_EVENT = {
    EventKind.NEW: "new",
    EventKind.EDITED: "edited",
    EventKind.REMOVED: "no longer in the source",
}

_MAX_QUOTES = 5
"""Quotes of one rule: five places are enough to see why it hit."""


def alert(view: AlertView) -> Rendered:
    """Return the first message about an alert (webhook type ``alert.created``).

    `watcher.messages.data` describes ``data`` of the payload.
    """
    return _rendered(MessageKind.ALERT, "alert.created", view, lead=())


def update(view: AlertView) -> Rendered:
    """Return a later message about an alert (``alert.updated``): as `alert`, headed by what is new (``data.news``)."""
    lead = (field("Update to alert " + one_line(view.alert_id), *_lines(view.news)),)
    return _rendered(MessageKind.UPDATE, "alert.updated", view, lead, {"news": list(view.news)})


def withdrawn(view: AlertView) -> Rendered:
    """Return the withdrawal of an alert (``alert.withdrawn``), with its reason in ``data.withdrawn_because``."""
    lead = (field("Withdrawn, alert " + one_line(view.alert_id), one_line(view.withdrawn_because, 500)),)
    extra = {"withdrawn_because": view.withdrawn_because}
    return _rendered(MessageKind.WITHDRAWN, "alert.withdrawn", view, lead, extra)


def _rendered(
    kind: MessageKind, type_: str, view: AlertView, lead: Section, extra: dict[str, Any] | None = None
) -> Rendered:
    subject = _subject(kind, view)
    sections = [lead, *_sections(view)]
    return Rendered(
        kind=kind,
        subject=subject,
        text=as_text(sections),
        html=as_html(subject, sections),
        data=payload(type_, view.at, (extra or {}) | data.alert(view)),
        priority=view.priority,
    )


def _subject(kind: MessageKind, view: AlertView) -> str:
    """Return a subject of priority, claim, rule and source. The item's own title is foreign text: only in the body."""
    voice = {MessageKind.UPDATE: "Update: ", MessageKind.WITHDRAWN: "Withdrawn: "}.get(kind, "")
    rules = [one_line(hit.rule_id, 60) for hit in view.hits if not hit.suppressed_by]
    more = f" +{len(rules) - 1}" if len(rules) > 1 else ""
    claim, source = one_line(view.claim.claim_reviewed, 80), one_line(view.item.source_id, 60)
    rule = f": {rules[0]}{more}" if rules else ""
    return f"{voice}[{view.priority}] {claim}{rule} ({source})"


def _sections(view: AlertView) -> list[Section]:
    published = f" (published {one_line(view.claim.date_published)})" if view.claim.date_published else ""
    return [
        (
            field("Claim", one_line(view.claim.claim_reviewed)),
            field("Verdict", one_line(view.claim.rating) + published),
            field("Fact-check", Link(web_link(view.claim.url))),
            field("Owner", one_line(view.claim.owner)),
        ),
        *(_hit_section(hit, view.item) for hit in view.hits),
        label.lines(view.label),
        _item_section(view),
        (field("Why it fired", *(_why(hit) for hit in view.hits)),),
        _impact_section(view),
        _story_section(view),
        (field("Evidence kept", *_lines(view.evidence)),),
        (field("Answer with", *data.answer_lines(view.alert_id)),),
        (field("", data.CAUTION),),
    ]


def _hit_section(hit: HitView, item: ItemView) -> Section:
    found = quotes(item.parts, hit.spans)
    lines = tuple(_quote_line(quote) for quote in found[:_MAX_QUOTES])
    if len(found) > _MAX_QUOTES:
        lines = (*lines, (f"and {pluralize(len(found) - _MAX_QUOTES, 'more place')} of this item",))
    return (
        field("Rule", f"{one_line(hit.rule_id)} ({BEARING[hit.bearing]}, {hit.priority})"),
        field("Asks", one_line(hit.asks)),
        field("Suppressed by", one_line(hit.suppressed_by)),
        LabelledLine("Matched", lines),
        field("Like", one_line(hit.resembles, 400)),
    )


def _quote_line(quote: Quote) -> Line:
    page = "" if quote.page is None else f", page {quote.page}"
    document = f" of {quote.document}" if quote.document else ""
    return (f"{quote.part}{page}{document}: ", *quote.line)


def _item_section(view: AlertView) -> Section:
    item = view.item
    official = " (official)" if item.official else ""
    link = web_link(item.link)
    return (
        field("Item", one_line(item.title) or "(without a title)"),
        field("Link", Link(link) if link else "(not safe to follow)"),
        field("Source", one_line(item.source_id) + official),
        field("Outlet", one_line(item.outlet)),
        field("Author", one_line(item.author)),
        field("Published", when(item.published) if item.published else "not given"),
        field("First seen", when(item.first_seen)),
        field("Event", _EVENT[view.event]),
        field("Changed", *(line for change in view.changed_sentences[:10] for line in _change_lines(change))),
        field("Read", _read(item)),
    )


def _read(item: ItemView) -> str:
    """Return what of the item could not be read, and why; empty when all of it was read."""
    why = one_line(item.unread)
    if item.summary_only:
        return "summary only, the full text could not be read" + (f" ({why})" if why else "")
    return f"not everything: {why}" if why else ""


def _change_lines(change: SentenceChange) -> tuple[str, ...]:
    before, after = one_line(change.before, 400), one_line(change.after, 400)
    return (f"was: {before}" if before else "", f"now: {after}" if after else "")


def _why(hit: HitView) -> str:
    distance = "" if hit.distance is None else pluralize(hit.distance, "word") + " between"
    reasons = "; ".join(reason for reason in (one_line(hit.why, 500), distance) if reason)
    return f"{one_line(hit.rule_id)}: {reasons}" if reasons else ""


def _impact_section(view: AlertView) -> Section:
    if view.impact is None:
        return ()
    score = f"{view.impact.score} of 100, {one_line(view.impact.direction)}"
    return (field("Impact", score, *_lines(view.impact.reasons)),)


def _story_section(view: AlertView) -> Section:
    label = f"Also published by {pluralize(len(view.outlets), 'other outlet')}"
    return (
        LabelledLine(label, tuple(_outlet_line(other) for other in view.outlets[:20])),
        field("Likely one origin", one_line(view.likely_origin)),
    )


def _outlet_line(other: OutletView) -> Line:
    seen = f", {when(other.seen)}" if other.seen else ""
    return (f"{one_line(other.outlet)}{seen} ", Link(web_link(other.link)))


def _lines(texts: tuple[str, ...]) -> list[str]:
    return [one_line(text, 500) for text in texts[:20]]
