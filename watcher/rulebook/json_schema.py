"""The JSON Schemas that editors complete and check rule files with, made from ``file_models``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import reduce
from operator import or_
from types import GenericAlias
from typing import Any

from pydantic import BaseModel, Field, create_model

from watcher.rulebook.file_models import ClaimFile, SourceModel, SourcesFile


def claim_schema() -> dict[str, Any]:
    """The JSON Schema of a claim's file."""
    return _published(ClaimFile)


def sources_schema(kinds: Mapping[str, type[BaseModel]]) -> dict[str, Any]:
    """The JSON Schema of the sources' file, with the options of each kind."""
    any_kind = reduce(or_, (_source_shape(kind, options) for kind, options in sorted(kinds.items())))
    entries: Any = (GenericAlias(list, any_kind), ...)
    return _published(create_model("SourcesFile", __base__=SourcesFile, __doc__=SourcesFile.__doc__, sources=entries))


def _source_shape(kind: str, options: type[BaseModel]) -> Any:
    """The options of a kind stand beside the keys that all sources have."""
    own: Any = {name: (info.annotation, info) for name, info in options.model_fields.items()}
    named = Field(description=SourceModel.model_fields["kind"].description, json_schema_extra={"const": kind})
    return create_model(
        f"{kind.title()}Source", __base__=SourceModel, __doc__=options.__doc__, kind=(str, named), **own
    )


def as_file(schema: Mapping[str, Any]) -> str:
    """A schema as it stands in its file."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _published(model: type[BaseModel]) -> dict[str, Any]:
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **_untitled(model.model_json_schema())}


def _untitled(schema: Any) -> Any:
    """Without the titles that pydantic makes from names: editors would show them in place of the descriptions."""
    if isinstance(schema, list):
        return [_untitled(entry) for entry in schema]
    if isinstance(schema, dict):
        return {
            key: _untitled(value) for key, value in schema.items() if not (key == "title" and isinstance(value, str))
        }
    return schema
