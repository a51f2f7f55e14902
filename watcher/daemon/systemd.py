"""Notify systemd (sd_notify(3)): one datagram per message, to the socket it named. Without systemd nothing is sent."""

from __future__ import annotations

import socket
import time

import structlog

log = structlog.get_logger()

SEND_SECONDS = 1.0
"""A manager that does not read its socket must not delay the service for longer."""


class Notifier:
    """Tells systemd the state of the service."""

    def __init__(self, address: str, *, send_seconds: float = SEND_SECONDS) -> None:
        self._send_seconds = send_seconds
        # a leading @ means Linux's abstract namespace
        self._address = f"\0{address[1:]}" if address.startswith("@") else address

    def ready(self, status: str) -> None:
        """The service is ready."""
        self._say("READY=1", f"STATUS={status}")

    def reloading(self) -> None:
        """The configuration is being read again, until ``ready``. systemd also wants the time (sd_notify(3))."""
        self._say("RELOADING=1", f"MONOTONIC_USEC={time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000}")

    def alive(self, status: str) -> None:
        """A sign of life for the watchdog."""
        self._say("WATCHDOG=1", f"STATUS={status}")

    def stopping(self) -> None:
        """The service is stopping."""
        self._say("STOPPING=1")

    def _say(self, *lines: str) -> None:
        if not self._address:
            return
        words = "\n".join("".join(char if char.isprintable() else " " for char in line) for line in lines)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as out:
            out.settimeout(self._send_seconds)
            try:
                out.sendto(words.encode("utf-8", "replace"), self._address)
            except OSError as error:  # systemd acts by itself if it hears nothing; the work goes on
                log.warning("systemd could not be notified", words=lines[0], error=str(error))
