"""Render what operators must know about the service itself."""

from __future__ import annotations

from watcher.messages.layout import as_html, as_text, field
from watcher.messages.message_views import HealthEvent, HealthView
from watcher.messages.payload import payload
from watcher.model import MessageKind, Rendered
from watcher.text.humanize import rfc3339, when
from watcher.text.lines import one_line

_VOICE = {
    HealthEvent.SOURCE_FAILING: ("source is failing", "This source cannot be read. New items in it are not seen."),
    HealthEvent.SOURCE_RECOVERED: ("source has recovered", "This source can be read again."),
    HealthEvent.SOURCE_MOVED: ("source has moved", "This source has moved to a new address permanently."),
    HealthEvent.CLAIM_BLIND: (
        "claim is blind",
        "A source that this claim needs cannot be read. Until it can, the absence of alerts proves nothing.",
    ),
    HealthEvent.CLAIM_SEES: ("claim is watched again", "Every source that this claim needs can be read again."),
    HealthEvent.NETWORK_DOWN: (
        "most sources cannot be reached",
        "Most sources cannot be reached at the same time: the network here is down, so none of them counts as failing.",
    ),
    HealthEvent.NETWORK_UP: ("sources can be reached again", "The network here works again."),
    HealthEvent.DELIVERY_DEAD: (
        "message could not be delivered",
        "Delivery of a message was given up. The message is kept and can be sent again.",
    ),
    HealthEvent.DESTINATION_FAILING: (
        "messages do not arrive",
        "This destination accepts no messages. They wait and are tried again.",
    ),
    HealthEvent.DESTINATION_RECOVERED: ("messages arrive again", "Messages that waited have been sent."),
    HealthEvent.RULES_REFUSED: ("rules were refused", "The rule files have errors. The last good set stays in use."),
    HealthEvent.SEND_TEST: ("test message", "This is a test. If you can read it, this channel works."),
}


def health(view: HealthView) -> Rendered:
    """Return a message about a source, a delivery, the rules or a channel (webhook type ``health``)."""
    headline, meaning = _VOICE[view.event]
    subject = f"[watcher] {headline}: {one_line(view.about, 120)}"
    sections = [
        (
            field("", meaning),
            field("About", one_line(view.about)),
            field("Since", when(view.since) if view.since else ""),
        ),
        (field("Details", *(one_line(detail, 500) for detail in view.details[:50])),),
        (field("Claims that are blind until then", *(one_line(claim) for claim in view.blind_claims[:50])),),
        (field("Next", one_line(view.command)),),
    ]
    return Rendered(
        kind=MessageKind.HEALTH,
        subject=subject,
        text=as_text(sections),
        html=as_html(subject, sections),
        data=payload(
            "health",
            view.at,
            {
                "event": view.event.value,
                "about": view.about,
                "since": rfc3339(view.since) if view.since else None,
                "details": list(view.details),
                "blind_claims": list(view.blind_claims),
                "command": view.command,
            },
        ),
    )
