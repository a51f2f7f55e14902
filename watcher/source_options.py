"""What a person writes for a source of one kind, beside the keys that every source has.

A module of its own, for the model is imported by the reading processes too, which do without pydantic.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class SourceOptions(BaseModel):
    """The options of a kind of source: each fetcher has its own subclass. Validated once, when rule files are read."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)
