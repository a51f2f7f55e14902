"""The only way to the network.

One ``Web`` reads sources (``get``), another, with its own private addresses, delivers messages (``post``). Whatever the
other end does, a call ends by its deadline with a bounded ``Response`` or a ``FetchError``; no socket is opened to an
address that is not public, unless ``allow_private`` names it. Requests are polite: one at a time per host with a pause
between the starts, validators echoed byte for byte, no cookies, no Referer.

Pages made for people are read through a ``Crawler``, which obeys robots.txt.

How a request passes through this package::

    robots                  what robots.txt forbids, where pages are read
       │
    client ── urls          which addresses may be asked for, and where a redirect leads
       ├───── host_limiter  one request at a time per host
       ├───── transport     resolve once, check, connect to what was checked, all before the deadline
       │         └─ addresses   which IP addresses are public
       ├───── body          decompress, within the limit
       ├───── freshness     when the origin wants to be asked again
       └───── response      what came back, and which statuses are errors
"""

from watcher.web.client import Web
from watcher.web.response import Response
from watcher.web.robots import Crawler

__all__ = ["Crawler", "Response", "Web"]
