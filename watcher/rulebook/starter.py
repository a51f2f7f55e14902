"""The files that ``watcher init`` writes."""

from __future__ import annotations

from watcher.rulebook.json_schema import as_file, claim_schema, sources_schema
from watcher.rulebook.sources import Kinds

SOURCES = """\
# yaml-language-server: $schema=./sources.schema.json
# What is polled. Keys: id, kind, url, tags, every, keeps, enabled; rules/README.md explains them.
watch: 1
sources:
  - id: justice-department
    kind: feed
    url: https://www.justice.gov/news/rss
    tags: [official, federal]
    every: 15m

  - id: minnesota-reformer
    kind: feed
    url: https://minnesotareformer.com/feed/
    tags: [press]
"""

CLAIM_NAME = "claims/first-claim.yaml"

CLAIM = """\
watch: 1
id: first-claim
claim: {claimReviewed: Minneapolis police officers quit to join ICE, rating: No evidence}
rules:
  officers-and-ice:
    when: '"Minneapolis police" and (quit* or resign* or joined) and ICE'
"""


def files(kinds: Kinds) -> dict[str, str]:
    """Each file's text by its name below the rules' directory: the schemas for editors are among them."""
    return {
        "sources.yaml": SOURCES,
        CLAIM_NAME: CLAIM,
        "schema.json": as_file(claim_schema()),
        "sources.schema.json": as_file(sources_schema(kinds)),
    }
