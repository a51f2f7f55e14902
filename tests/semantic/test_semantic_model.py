"""The real model, where the extra is installed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from watcher.semantic.embedder import SemanticEmbedder
from watcher.semantic.weights import DIMENSIONS, obstacle


@pytest.fixture(scope="module")
def model() -> Iterator[SemanticEmbedder]:
    if why := obstacle():
        pytest.skip(f"there is no model: {why}")
    model = SemanticEmbedder()
    yield model
    model.close()


def test_the_same_said_in_other_words_is_nearer_than_other_news_of_the_subject(model: SemanticEmbedder) -> None:
    found = model.embed(
        [
            "Two officers quit to join ICE.",
            "Policemen left their jobs for the immigration agency.",
            "The force opened a new station downtown.",
        ]
    )
    assert found is not None
    assert all(len(vector) == DIMENSIONS for vector in found)
    said, same, other = found
    assert _cosine(said, same) > _cosine(said, other)


def test_a_vector_does_not_depend_on_what_else_is_asked(model: SemanticEmbedder) -> None:
    alone = model.embed(["Records list the new employer."])
    model._known.clear()
    assert model.embed(["A much longer text. " * 40, "Records list the new employer."]) is not None
    among = model.embed(["Records list the new employer."])
    assert alone is not None
    assert among is not None
    assert list(alone[0]) == list(among[0])


def test_the_process_holds_with_the_longest_texts_there_are(model: SemanticEmbedder) -> None:
    found = model.embed([f"{at} " + "不 ǂ ff 🙂 " * 100 for at in range(16)])
    assert found is not None
    assert len(found) == 16


def _cosine(one: Sequence[float], other: Sequence[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))
