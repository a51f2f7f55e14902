"""Render the best lines of a day: what ranks high for the claims of a desk, and not high enough to be told at once."""

from __future__ import annotations

from watcher.messages import data, label
from watcher.messages.layout import LabelledLine, Link, Section, as_html, as_text, field
from watcher.messages.message_views import DigestReason, RankedClaimView, RankedDigestView, RankedLine
from watcher.messages.payload import payload
from watcher.model import MessageKind, Rendered
from watcher.text.humanize import pluralize, when
from watcher.text.lines import one_line
from watcher.text.links import web_link


def ranked_digest(view: RankedDigestView) -> Rendered:
    """Return the ranked digest of a desk (webhook type ``digest`` with the reason ``ranked``)."""
    subject = _subject(view)
    closing = (*map(_others, view.claims), field("", data.CAUTION))
    sections = [_opening(view), *(_line(number, line) for number, line in enumerate(view.lines, start=1)), closing]
    return Rendered(
        kind=MessageKind.DIGEST,
        subject=subject,
        text=as_text(sections),
        html=as_html(subject, sections),
        data=payload(
            "digest",
            view.at,
            {
                "reason": DigestReason.RANKED.value,
                "claims": [data.claim(each.claim) | {"others": each.others} for each in view.claims],
                "notes": [],
                "entries": [data.ranked_entry(line) for line in view.lines],
            },
        ),
    )


def _subject(view: RankedDigestView) -> str:
    claims = view.claims
    about = one_line(claims[0].claim.claim_reviewed, 80) if len(claims) == 1 else pluralize(len(claims), "claim")
    return f"[best of the day] {about}: {pluralize(len(view.lines), 'line')}"


def _opening(view: RankedDigestView) -> Section:
    return (
        field("", "ranked by what your examples look for, the most likely first"),
        *(
            field("Claim", f"{one_line(each.claim.claim_reviewed)} ({one_line(each.claim.rating)})")
            for each in view.claims
        ),
    )


def _line(number: int, line: RankedLine) -> Section:
    item = line.item
    moment = f"published {when(item.published)}" if item.published else f"first seen {when(item.first_seen)}"
    return (
        field(f"{number}", one_line(item.title) or "(without a title)"),
        field("", Link(web_link(item.link))),
        field("", f"{one_line(item.source_id)}{' (official)' if item.official else ''}, {moment}"),
        field("Rule", f"{one_line(line.claim_id)}: {one_line(line.rule_id, 60)}"),
        field("Asks", one_line(line.asks)),
        field("Passage", one_line(line.passage, 400)),
        field("Like", one_line(line.resembles, 400)),
        *label.lines(line.label),
        field("Answer with", *data.answer_lines(line.alert_id)),
    )


def _others(each: RankedClaimView) -> LabelledLine:
    claim_id = one_line(each.claim.id)
    rest = f"{each.others} more above the floor of {claim_id}, listed by: watcher ranked {claim_id}"
    return field("", rest if each.others else "")
