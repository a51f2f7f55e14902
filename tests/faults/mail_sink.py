"""A mail server that remembers: ``python -m faults.mail_sink JOURNAL``."""

from __future__ import annotations

import asyncio
import sys
import threading
from contextlib import suppress
from email import message_from_bytes, policy
from hashlib import sha256
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session
from faults import signs
from faults.journal import Journal
from faults.origin import address
from faults.refusals import DROP, STALL, Refusals
from faults.remote import take_orders

ACCEPTED = "250 OK"
PATIENCE = 60
"""Seconds that a stalled sender is waited for."""


class Postmaster:
    """Takes mail, one recipient at a time, and refuses where it was told to."""

    def __init__(self, journal: Journal, refusals: Refusals) -> None:
        self._journal = journal
        self._refusals = refusals

    async def handle_RCPT(  # noqa: N802  # the name aiosmtpd calls
        self, server: SMTP, session: Session, envelope: Envelope, recipient: str, options: Any
    ) -> str:
        if answer := self._refusals.next(recipient, without_answer=False):
            # the message itself was not shown yet, so nothing is known of it but where it should go
            self._journal.write(event="refused", destination=recipient, answer=answer)
            return answer
        envelope.rcpt_tos.append(recipient)
        return ACCEPTED

    async def handle_DATA(  # noqa: N802  # the name aiosmtpd calls
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        (recipient,) = envelope.rcpt_tos
        assert isinstance(envelope.content, bytes)
        answer = self._refusals.next(recipient, without_answer=True) or ACCEPTED
        self._note(recipient, envelope.content, answer)
        await asyncio.sleep(self._refusals.pause)
        line = server.transport
        assert isinstance(line, asyncio.Transport)
        if answer == STALL:
            await _until_gone(line)
        if answer in (DROP, STALL):
            line.abort()
        return answer

    def _note(self, recipient: str, content: bytes, answer: str) -> None:
        mail = message_from_bytes(content, policy=policy.default)
        plain = mail.get_body(("plain",))
        self._journal.write(
            event="received",
            destination=recipient,
            key=mail["Message-ID"].strip("<>").partition("@")[0],
            sign=signs.of_mail(mail["Subject"], plain.get_content() if plain else ""),
            subject=mail["Subject"],
            content=sha256(content).hexdigest(),
            answer=answer,
            acknowledged=answer == ACCEPTED,
        )


async def _until_gone(line: asyncio.Transport) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE):
            while not line.is_closing():
                await asyncio.sleep(0.05)


def main() -> None:
    """Receive until the orders end."""
    refusals = Refusals()
    postmaster = Postmaster(Journal(Path(sys.argv[1])), refusals)
    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(
        loop.create_server(lambda: SMTP(postmaster, hostname="mail.invalid", loop=loop), address(0), 0)
    )
    threading.Thread(target=loop.run_forever, daemon=True).start()
    take_orders({"port": server.sockets[0].getsockname()[1]}, refusals.obey)


if __name__ == "__main__":
    main()
