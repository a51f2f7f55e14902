from __future__ import annotations

import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from reading.pdfs import BOMBS, ENCRYPTED, pdf

from watcher.reading.pdf import MAX_PAGES, read
from watcher.reading.pool import Reader
from watcher.reading.results import PdfText


def test_the_pages_of_a_document_are_read_in_order() -> None:
    paper = read(pdf(["Personnel notices", "Officer A – resigned"], ["Page (two)"]))
    assert paper.pages == ("Personnel notices\nOfficer A – resigned", "Page (two)")
    assert paper.text == "Personnel notices\nOfficer A – resigned\fPage (two)"
    assert (paper.total, paper.problem) == (2, "")


def test_text_is_plain() -> None:
    paper = read(pdf(["a\x01b\x7fc   d", "<b>not markup</b> &amp;"]))
    assert paper.pages[0].endswith("<b>not markup</b> &amp;")
    assert "\x01" not in paper.text
    assert "\x7f" not in paper.text


@pytest.mark.scenario("P9")
@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"", "text could not be read: not a PDF but an empty document"),
        (b"<html><title>Not found</title>", "text could not be read: not a PDF but an HTML page titled 'Not found'"),
        (ENCRYPTED, "text could not be read: it is encrypted"),
        (pdf(), "text could not be read: it is damaged, or has no pages"),
        (pdf([], []), "text could not be read: there is none, only pictures"),
    ],
)
def test_why_there_is_no_text_is_said(body: bytes, problem: str) -> None:
    paper = read(body)
    assert (paper.text.strip("\f"), paper.problem) == ("", problem)


def test_what_is_damaged_is_read_as_far_as_it_goes() -> None:
    whole = pdf(["one"], ["two"])
    assert read(whole.replace(b"startxref\n", b"startxref\n9")).pages == ("one", "two")
    assert read(b"leading rubbish\n" + whole).pages == ("one", "two")


@pytest.mark.scenario("P9")
def test_of_five_thousand_pages_the_first_are_read(reader: Reader) -> None:
    paper = reader.read_pdf(pdf(*(["page"] for _ in range(5_000))))
    assert len(paper.pages) == MAX_PAGES
    assert (paper.total, paper.problem) == (5_000, "only the first 2000 of 5000 pages were read")


def test_no_more_text_than_allowed_is_read() -> None:
    paper = read(pdf(["eight ch"], ["eight ch"], ["eight ch"]), max_chars=10)
    assert (len(paper.pages), paper.problem) == (2, "only the first 2 of 3 pages were read")


def test_pages_that_take_long_do_not_cost_those_before_them() -> None:
    paper = read(pdf(["one"], ["two"]), max_cpu_seconds=0)
    assert (paper.text, paper.problem) == ("one", "only the first 1 of 2 pages were read")


def test_a_reading_process_gives_the_same(reader: Reader) -> None:
    body = pdf(["Officer A – resigned"], ["“two”"])
    assert reader.read_pdf(body) == read(body)
    assert reader.read_pdf(ENCRYPTED).problem == "text could not be read: it is encrypted"


def cost(kind: str) -> tuple[PdfText, float, int]:
    """What a reader says of a bomb, in how many seconds, and what its processes took at most, in bytes."""
    body, reader = BOMBS[kind], Reader(1)
    reader.alive()
    began = time.monotonic()
    paper = reader.read_pdf(body)
    seconds = time.monotonic() - began
    assert reader.read_pdf(pdf(["after"])).text == "after"
    reader.close()
    return paper, seconds, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024


@pytest.mark.scenario("P9")
@pytest.mark.slow
@pytest.mark.parametrize("kind", BOMBS)
def test_a_bomb_is_no_exception_and_over_within_30_s_and_1_gib(kind: str, own_process: Callable[..., Any]) -> None:
    paper, seconds, memory = own_process(cost, kind)
    assert paper.problem or paper.text
    assert seconds < 30
    assert memory < 1 << 30


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("name", "pages", "starts"),
    [
        ("cuya_community_college.pdf", 1, "Dates, times, and locations for Board Meetings are subject to change"),
        ("cuya_community_college_agenda.pdf", 2, "Regular Meeting of the Board of Trustees"),
    ],
)
def test_real_papers_are_read(name: str, pages: int, starts: str, shared_data: Path, reader: Reader) -> None:
    paper = reader.read_pdf((shared_data / "city/city-scrapers-cle" / name).read_bytes())
    assert (paper.total, len(paper.pages), paper.problem) == (pages, pages, "")
    assert paper.text.startswith(starts)
