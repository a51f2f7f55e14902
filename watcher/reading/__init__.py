"""Hostile bytes become entries and text here, in processes that can do nothing else.

``pool`` is the daemon's side; ``worker`` runs in each reading process, closes its ``sandbox`` and only then looks at
what a stranger sent. This module imports nothing, so that a reading process loads no more than it needs.
"""
