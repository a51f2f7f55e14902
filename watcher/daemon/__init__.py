"""The service in the foreground: ``life`` is its beginning, its signs of life and its end, ``jobs`` what it does
again and again in between.
"""

from watcher.daemon.life import Daemon

__all__ = ["Daemon"]
