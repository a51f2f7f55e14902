"""The lines of a digest: one a story, and not all of one source."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from watcher.ranking.day_lines import MAX_LINES_OF_SOURCE, Candidate, choose


def test_a_story_gets_one_line_that_of_its_best_item() -> None:
    assert choose([Candidate(1, "a"), Candidate(1, "b"), Candidate(2, "c")], 10) == [0, 2]


def test_a_source_fills_three_lines_while_others_wait() -> None:
    busy = [Candidate(number, "busy") for number in range(5)]
    assert choose([*busy, Candidate(8, "other"), Candidate(9, "third")], 5) == [0, 1, 2, 5, 6]


def test_a_source_fills_what_nobody_else_wants() -> None:
    busy = [Candidate(number, "busy") for number in range(5)]
    assert choose([*busy, Candidate(8, "other")], 5) == [0, 1, 2, 3, 5]


@given(st.lists(st.builds(Candidate, st.integers(0, 20), st.sampled_from("abc")), max_size=40), st.integers(0, 12))
def test_lines_are_never_more_than_the_budget_and_never_fewer_than_stories_allow(
    candidates: list[Candidate[int]], lines: int
) -> None:
    chosen = [candidates[at] for at in choose(candidates, lines)]
    stories = {candidate.story for candidate in candidates}
    assert len(chosen) == min(lines, len(stories))
    assert len({candidate.story for candidate in chosen}) == len(chosen)


@given(st.lists(st.builds(Candidate, st.integers(0, 99), st.sampled_from("abc")), max_size=40))
def test_a_source_has_more_than_three_lines_only_if_no_other_is_left_out(candidates: list[Candidate[int]]) -> None:
    chosen = [candidates[at] for at in choose(candidates, 9)]
    told = {candidate.story for candidate in chosen}
    best = {candidate.story: candidate for candidate in reversed(candidates)}
    left_out = [candidate for story, candidate in best.items() if story not in told]
    lines = Counter(candidate.source for candidate in chosen)
    for source, count in lines.items():
        if count > MAX_LINES_OF_SOURCE:
            others = [candidate for candidate in left_out if candidate.source != source]
            assert all(lines[other.source] >= MAX_LINES_OF_SOURCE for other in others)
