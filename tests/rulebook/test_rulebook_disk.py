"""Which files count, what is said of those that cannot be read, and when a change has settled."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.rulebook import RulebookError, fingerprint, read_files
from watcher.rulebook.debounce import Debouncer
from watcher.rulebook.yaml_nodes import MAX_BYTES


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    (tmp_path / "claims").mkdir()
    (tmp_path / "sources.yaml").write_text("sources: []\n")
    (tmp_path / "claims" / "one.yaml").write_text("id: one\n")
    return tmp_path


def test_names_are_relative_to_the_directory(rules: Path) -> None:
    assert read_files(rules) == {"sources.yaml": "sources: []\n", "claims/one.yaml": "id: one\n"}


@pytest.mark.scenario("R3")
@pytest.mark.parametrize(
    "name", [".one.yaml.swp", "one.yaml~", "#one.yaml#", ".#one.yaml", ".one.yaml", "4913", "one.yaml.tmp", "notes.md"]
)
def test_what_editors_leave_behind_is_no_rule_file(rules: Path, name: str) -> None:
    before = fingerprint(rules)
    (rules / "claims" / name).write_text("half a fi")
    assert set(read_files(rules)) == {"sources.yaml", "claims/one.yaml"}
    assert fingerprint(rules) == before


def test_a_directory_without_claims_is_readable(tmp_path: Path) -> None:
    assert read_files(tmp_path) == {}


def test_a_directory_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(RulebookError, match="there is no such file or folder") as error:
        read_files(tmp_path / "rulez")
    assert len(error.value.problems) == 1


@pytest.mark.scenario("R8")
def test_files_that_cannot_be_read_are_all_named(rules: Path) -> None:
    (rules / "claims" / "latin.yaml").write_bytes(b"a: b\nc: caf\xe9\n")
    (rules / "claims" / "utf16.yaml").write_text("a: b\n", encoding="utf-16")
    (rules / "claims" / "large.yaml").write_bytes(b"a" * (MAX_BYTES + 1))
    (rules / "claims" / "gone.yaml").symlink_to(rules / "nowhere")
    with pytest.raises(RulebookError) as error:
        read_files(rules)
    assert [(problem.file, problem.line) for problem in error.value.problems] == [
        ("claims/gone.yaml", 0), ("claims/large.yaml", 0), ("claims/latin.yaml", 2), ("claims/utf16.yaml", 1),
    ]  # fmt: skip
    assert fingerprint(rules) == fingerprint(rules)


def test_the_fingerprint_follows_the_content_and_not_the_time(rules: Path) -> None:
    before = fingerprint(rules)
    os.utime(rules / "sources.yaml", (1, 1))
    assert fingerprint(rules) == before
    (rules / "sources.yaml").write_text("sources: [ ]\n")
    assert fingerprint(rules) != before


@pytest.mark.parametrize("change", ["rename", "delete", "add"])
def test_the_fingerprint_follows_which_files_there_are(rules: Path, change: str) -> None:
    before = fingerprint(rules)
    one = rules / "claims" / "one.yaml"
    if change == "rename":
        one.rename(rules / "claims" / "two.yaml")
    elif change == "delete":
        one.unlink()
    else:
        (rules / "claims" / "two.yaml").write_text("")
    assert fingerprint(rules) != before


START = datetime(2026, 3, 1, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def test_a_change_counts_once_it_was_seen_twice_two_seconds_apart() -> None:
    watch = Debouncer("old")
    assert [watch.settled("new", at(second)) for second in (0, 1, 1.9, 2, 3, 9)] == [
        False, False, False, True, False, False,
    ]  # fmt: skip


@pytest.mark.scenario("R3")
def test_a_file_written_slowly_does_not_count_before_it_is_whole() -> None:
    watch = Debouncer("old")
    assert not any(watch.settled(f"half {second}", at(second)) for second in range(30))
    assert not watch.settled("whole", at(30))
    assert watch.settled("whole", at(32))


@pytest.mark.scenario("R3")
def test_three_files_changed_one_after_another_count_together() -> None:
    watch = Debouncer("abc")
    seen = ["Abc", "Abc", "ABc", "ABc", "ABC", "ABC", "ABC"]
    assert [fp for second, fp in enumerate(seen) if watch.settled(fp, at(second))] == ["ABC"]


def test_a_change_that_is_taken_back_does_not_count() -> None:
    watch = Debouncer("old")
    assert not any(
        watch.settled(fp, at(second)) for second, fp in enumerate(["new", "new", "old", "old", "old", "old"])
    )


def test_a_refused_change_that_is_taken_back_counts_again() -> None:
    watch = Debouncer("old")
    assert [watch.settled(fp, at(second)) for second, fp in ((0, "bad"), (2, "bad"), (3, "old"), (5, "old"))] == [
        False, True, False, True,
    ]  # fmt: skip


def test_a_clock_that_steps_back_only_makes_it_wait_again() -> None:
    watch = Debouncer("old")
    assert not watch.settled("new", at(100))
    assert not watch.settled("new", at(0))
    assert watch.settled("new", at(2))


@given(st.lists(st.tuples(st.sampled_from("abc"), st.floats(0.1, 3)), max_size=40))
def test_what_counts_has_stood_still_for_two_seconds(seen: list[tuple[str, float]]) -> None:
    watch = Debouncer("a")
    now = 0.0
    history: list[tuple[float, str]] = []
    for fingerprint_, pause in seen:
        now += pause
        history.append((now, fingerprint_))
        if watch.settled(fingerprint_, at(now)):
            recent = [fp for when, fp in history if when >= now - 2]
            assert set(recent) == {fingerprint_}
            assert any(when <= now - 2 + 1e-5 and fp == fingerprint_ for when, fp in history)
