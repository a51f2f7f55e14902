"""Passages become vectors in a process that may fail in any way: then there are none for a while, and nothing else."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog
from structlog.testing import capture_logs

from watcher.reading.process import Limits
from watcher.semantic import embedder, weights
from watcher.semantic.embedder import MAX_CACHED, MAX_TEXTS, REST_SECONDS, SemanticEmbedder

FAKE = Path(__file__).parent / "fake_worker.py"
Made = Callable[..., SemanticEmbedder]


class Monotonic:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def monotonic() -> Monotonic:
    return Monotonic()


@pytest.fixture
def starts(tmp_path: Path) -> Path:
    """Has a line for each process that was started."""
    path = tmp_path / "starts"
    path.touch()
    return path


@pytest.fixture
def made(starts: Path, monotonic: Monotonic) -> Iterator[Made]:
    all_made = []

    def make(behaviour: str = "", limits: Limits = embedder.LIMITS) -> SemanticEmbedder:
        command = (sys.executable, str(FAKE), behaviour, str(starts))
        all_made.append(SemanticEmbedder(command=command, limits=limits, monotonic=monotonic))
        return all_made[-1]

    yield make
    for each in all_made:
        each.close()


def axes(found: object) -> list[int]:
    assert isinstance(found, list)
    return [list(vector).index(1.0) for vector in found]


def test_each_text_has_its_vector_in_the_order_asked(made: Made) -> None:
    assert axes(made().embed(["four", "seven", "one", "four"])) == [4, 5, 3, 4]


def test_no_process_runs_before_the_first_text(made: Made, starts: Path) -> None:
    idle = made()
    assert idle.embed([]) == []
    assert starts.read_text() == ""


def test_what_was_embedded_is_known_where_the_process_is_gone(made: Made, starts: Path) -> None:
    model = made()
    model.embed(["one", "three"])
    os.kill(int(starts.read_text()), signal.SIGKILL)
    assert axes(model.embed(["three", "one"])) == [5, 3]


def test_the_vectors_remembered_are_bounded_and_the_last_used_stay(made: Made) -> None:
    model = made()
    model.embed(["kept", *map(str, range(MAX_CACHED - 1))])
    model.embed(["kept"])
    model.embed(["one more"])
    assert len(model._known) == MAX_CACHED
    assert "kept" in model._known
    assert "0" not in model._known


def test_many_texts_are_asked_in_requests_that_are_bounded(made: Made) -> None:
    texts = ["x" * length for length in range(3 * MAX_TEXTS)]
    assert axes(made().embed(texts)) == list(range(3 * MAX_TEXTS))


def test_half_a_surrogate_pair_is_embedded_too(made: Made) -> None:
    assert axes(made().embed(["\ud83d!"])) == [2]


@pytest.mark.parametrize(
    ("behaviour", "limits", "because"),
    [
        ("hangs", Limits(seconds=0.2), "takes more than 0.2 s"),
        ("dies", embedder.LIMITS, "SIGKILL"),
        ("grows", embedder.LIMITS, "broke the embedding process"),
        ("short", embedder.LIMITS, "383 numbers for 1 texts"),
        ("ragged", embedder.LIMITS, "bytes length not a multiple"),
        ("doubled", embedder.LIMITS, "not of length 1"),
        ("not a number", embedder.LIMITS, "not of length 1"),
    ],
)
def test_a_process_that_fails_gives_no_vectors_and_is_reported_once(
    made: Made, starts: Path, monotonic: Monotonic, behaviour: str, limits: Limits, because: str
) -> None:
    structlog.reset_defaults()
    model = made(behaviour, limits)
    with capture_logs() as logs:
        assert model.embed(["one"]) is None
        begun = len(starts.read_text().split())
        assert model.embed(["two"]) is None
        monotonic.now += REST_SECONDS
        assert model.embed(["three"]) is None
    reported = [log for log in logs if log["event"] == "items are ranked by their words alone"]
    assert len(reported) == 1
    assert because in reported[0]["because"]
    assert len(starts.read_text().split()) > begun  # after its rest it was asked again


def test_while_it_rests_no_process_is_started(made: Made, starts: Path) -> None:
    model = made("dies")
    model.embed(["one"])
    begun = starts.read_text()
    assert model.embed(["two"]) is None
    assert starts.read_text() == begun


def test_a_process_that_was_killed_is_replaced(made: Made, starts: Path, monotonic: Monotonic) -> None:
    model = made()
    model.embed(["one"])
    os.kill(int(starts.read_text()), signal.SIGKILL)  # as the system does when memory runs out
    assert model.embed(["three"]) is None
    monotonic.now += REST_SECONDS
    assert axes(model.embed(["three"])) == [5]


def test_a_program_that_does_not_start_gives_no_vectors(monotonic: Monotonic) -> None:
    model = SemanticEmbedder(command=("/nonexistent",), monotonic=monotonic)
    assert model.embed(["one"]) is None
    model.close()


def test_once_closed_nothing_is_embedded_and_nothing_started(made: Made, starts: Path) -> None:
    model = made()
    model.close()
    assert model.embed(["one"]) is None
    assert starts.read_text() == ""


def test_threads_share_the_process(made: Made, starts: Path) -> None:
    model, found = made(), dict[int, object]()
    threads = [threading.Thread(target=lambda n=n: found.setdefault(n, model.embed(["x" * n]))) for n in range(1, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [axes(found[n]) for n in range(1, 9)] == [[n] for n in range(1, 9)]
    assert len(starts.read_text().split()) == 1


def test_without_the_extra_the_daemons_side_loads_and_says_so() -> None:
    program = (
        "import importlib.util, sys\n"
        "found = importlib.util.find_spec\n"
        "importlib.util.find_spec = lambda name, *more: None if name == 'onnxruntime' else found(name, *more)\n"
        "from watcher.semantic import embedder, weights\n"
        "assert embedder.SemanticEmbedder.installed() is None\n"
        "assert not {'numpy', 'onnxruntime'} & set(sys.modules)\n"
        "print(weights.obstacle())\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "the extra [semantic] is not installed\n"


def test_other_weights_than_those_measured_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "other_model"
    package.mkdir()
    (package / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(weights, "PACKAGE", "other_model")
    monkeypatch.setattr(weights, "_RUNTIME", "json")
    weights.obstacle.cache_clear()
    assert "is missing" in weights.obstacle()
    (package / "model.onnx").write_bytes(b"other")
    weights.obstacle.cache_clear()
    assert "another model" in weights.obstacle()
    weights.obstacle.cache_clear()
