"""Webhooks by Standard Webhooks 1.0: signed, with one id at every attempt, delivered only when answered with 2xx."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, SecretStr
from standardwebhooks import Webhook as Signer

from watcher.channels.channel import ChannelOptions, ChannelTools, Retry
from watcher.model import DeliveryError, Envelope, FetchError, Reason
from watcher.text.links import web_link
from watcher.web import Response

_PREFIX = "whsec_"
_RETRY_MISCONFIGURED = timedelta(hours=1)
"""The wait if a person has to fix something first: an hourly retry notices soon enough that it was done."""
_TRANSIENT_STATUSES = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS})
_MISCONFIGURED = frozenset({Reason.ADDRESS_REFUSED, Reason.BAD_URL})


def _checked_url(url: SecretStr) -> SecretStr:
    if not web_link(url.get_secret_value()):
        raise ValueError("not a web address; write it as https://example.org/path")
    return url


def _checked_secret(secret: SecretStr) -> SecretStr:
    encoded = secret.get_secret_value()
    try:
        length = len(base64.b64decode(encoded.removeprefix(_PREFIX), validate=True))
    except (binascii.Error, ValueError):
        length = 0
    if not encoded.startswith(_PREFIX) or not 24 <= length <= 64:
        raise ValueError("not a signing secret: whsec_ and the base64 of 24 to 64 random bytes")
    return secret


_RETRY_FOR_THREE_DAYS = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    *(timedelta(hours=hours) for hours in (2, 5, 10, 14, 20, 24)),
)
"""The schedule that Standard Webhooks 1.0 recommends."""

SigningSecret = Annotated[SecretStr, AfterValidator(_checked_secret)]


class WebhookOptions(ChannelOptions):
    """A receiver of webhooks. Its whole address is kept secret: many services put a token into it."""

    url: Annotated[SecretStr, AfterValidator(_checked_url)]
    secret: SigningSecret
    old_secret: SigningSecret | None = None
    """The old secret during a change: messages are signed with both."""
    retry: Retry = _RETRY_FOR_THREE_DAYS


class Webhook:
    """Posts the payload of a message; ``webhook-id`` is the delivery's key at every attempt."""

    def __init__(self, name: str, options: WebhookOptions, tools: ChannelTools) -> None:
        self.name = name
        self.quiet = options.quiet
        self.spacing = options.spacing
        self.schedule = options.retry
        self._url = options.url.get_secret_value()
        secrets = [options.secret, *([options.old_secret] if options.old_secret else [])]
        self._signers = [Signer(secret.get_secret_value()) for secret in secrets]
        self._web = tools.web
        self._clock = tools.clock

    def destinations(self) -> tuple[str, ...]:
        """Return the receiver by scheme and host; path and query may be secret."""
        parts = urlsplit(self._url)
        return (f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}",)

    def send(self, envelope: Envelope) -> None:
        """Raises DeliveryError for every response but 2xx; only 410 is permanent."""
        body = json.dumps(dict(envelope.message.data), ensure_ascii=False, separators=(",", ":"))
        body = body.encode("utf-8", "replace").decode()
        now = self._clock()
        try:
            answer = self._web.post(self._url, content=body.encode(), headers=self._headers(envelope.key, now, body))
        except FetchError as error:
            raise self._unanswered(error) from None
        if not 200 <= answer.status < 300:
            raise _refusal(answer)

    def _headers(self, key: str, now: datetime, body: str) -> dict[str, str]:
        return {
            "content-type": "application/json",
            "webhook-id": key,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": " ".join(signer.sign(key, now, body) for signer in self._signers),
        }

    def _unanswered(self, error: FetchError) -> DeliveryError:
        (destination,) = self.destinations()
        return DeliveryError(
            error.reason,
            f"no answer from {destination}: {error.detail}",
            unacknowledged=error.unacknowledged,
            retry_after=_RETRY_MISCONFIGURED if error.reason in _MISCONFIGURED else error.retry_after,
        )


def _refusal(answer: Response) -> DeliveryError:
    """Return the error for a response other than 2xx (Standard Webhooks 1.0, "Deliverability and reliability")."""
    status = answer.status
    if status == HTTPStatus.GONE:
        return DeliveryError(Reason.GONE, "the receiver answered 410: it wants no more messages", permanent=True)
    wait = answer.hold
    if 300 <= status < 400:
        return DeliveryError(
            Reason.REDIRECT, f"the receiver answered {status}; give its final address", retry_after=_RETRY_MISCONFIGURED
        )
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return DeliveryError(Reason.THROTTLED, "the receiver answered 429", retry_after=wait)
    if 400 <= status < 500 and status not in _TRANSIENT_STATUSES:
        wait = max(_RETRY_MISCONFIGURED, wait or _RETRY_MISCONFIGURED)
    return DeliveryError(Reason.HTTP_STATUS, f"the receiver answered {status}", retry_after=wait)
