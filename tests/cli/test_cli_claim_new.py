"""Fact-checks that somebody names, and the rule files that are drafted from them."""

from __future__ import annotations

import json

import pytest
import yaml
from desks import Desk
from pytest_httpserver import HTTPServer

from watcher.web.client import MAX_BODY_BYTES

CLAIM = "Duluth harbor officers quit to join the Coast Guard"
REVIEW = {
    "@type": "ClaimReview",
    "claimReviewed": CLAIM,
    "reviewRating": {"alternateName": "No evidence"},
    "author": {"name": "Paper"},
    "datePublished": "2026-01-20",
}
PARAGRAPH = "<p>No Duluth harbor officers have joined the Coast Guard, Chief Ray said on Monday to reporters.</p>"
PAGE = (
    f'<!DOCTYPE html><html><head><script type="application/ld+json">{json.dumps(REVIEW)}</script></head>'
    f"<body><article><h1>Did they quit?</h1>{PARAGRAPH * 5}</article></body></html>"
)
TYPE = "text/html"


@pytest.fixture
def paper(httpserver: HTTPServer) -> HTTPServer:
    show = httpserver.expect_request
    show("/7").respond_with_data(PAGE, content_type=TYPE)
    show("/7.json").respond_with_json(REVIEW)
    show("/wall").respond_with_data("<html><title>Just a moment...</title></html>", content_type=TYPE)
    show("/empty").respond_with_data("<!DOCTYPE html><html></html>", content_type=TYPE)
    show("/huge").respond_with_data(PAGE + " " * 20_000_000, content_type=TYPE)
    return httpserver


@pytest.mark.parametrize("path", ["/7", "/7.json"])
def test_a_draft_is_printed_and_what_to_correct_is_said_beside_it(desk: Desk, paper: HTTPServer, path: str) -> None:
    done = desk.type("claim", "new", paper.url_for(path))
    assert done.code == 0
    file = yaml.safe_load(done.out)
    assert (file["claim"]["claimReviewed"], file["claim"]["url"]) == (CLAIM, paper.url_for(path))
    assert "- like: " in done.error
    assert "`watcher check FILE`" in done.error


def test_a_saved_page_is_drafted_into_a_file(desk: Desk) -> None:
    saved = desk.write("saved.html", PAGE)
    done = desk.type("claim", "new", str(saved), "--to", "rules/claims/seven.yaml")
    assert (done.code, done.out) == (0, "")
    assert done.error.splitlines()[-1] == "next: watcher check rules/claims/seven.yaml"
    assert "- url: none was found" in done.error
    written = (desk.folder / "rules/claims/seven.yaml").read_text(encoding="utf-8")
    assert yaml.safe_load(written)["claim"]["rating"] == "No evidence"
    checked = desk.type("check", "rules/claims/seven.yaml")
    assert (checked.code, "ok: 1 claim, 1 rule" in checked.out.splitlines()) == (0, True)


def test_data_for_programs_is_the_draft_and_its_file(desk: Desk, paper: HTTPServer) -> None:
    done = desk.type("claim", "new", paper.url_for("/7"), "--json", "--to", "seven.yaml")
    data = json.loads(done.out)
    assert (data["claim"], data["verdict"], data["file"]) == (CLAIM, "No evidence", "seven.yaml")
    assert data["who"] == ["Duluth", "Coast Guard"]
    assert data["remarks"]
    assert data["yaml"] == (desk.folder / "seven.yaml").read_text(encoding="utf-8")


def test_a_file_that_exists_is_left_as_it_is_and_nothing_is_asked_for(desk: Desk, paper: HTTPServer) -> None:
    before = (desk.folder / "rules/claims/ice.yaml").read_text(encoding="utf-8")
    done = desk.type("claim", "new", paper.url_for("/7"), "--to", "rules/claims/ice.yaml")
    assert done.code == 1
    assert done.error.startswith("rules/claims/ice.yaml exists already")
    assert (desk.folder / "rules/claims/ice.yaml").read_text(encoding="utf-8") == before
    assert paper.log == []


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/wall", "blocked: "),
        ("/empty", "neither a ClaimReview nor an article"),
        ("/huge", "too large: "),
        ("/nowhere", "http status: "),
    ],
)
def test_a_page_that_holds_no_fact_check_is_one_line(desk: Desk, paper: HTTPServer, path: str, said: str) -> None:
    done = desk.type("claim", "new", paper.url_for(path), "--to", "seven.yaml")
    (line,) = (line for line in done.error.splitlines() if not line.startswith("{"))
    assert done.code == 1
    assert line.startswith(f"{paper.url_for(path)}: ")
    assert said in line
    assert not (desk.folder / "seven.yaml").exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not a page but an empty document"),
        ("Officers quit.", "not a page but text that begins with"),
        (" " * (MAX_BODY_BYTES + 1), "larger than 15 MB"),
    ],
    ids=["nothing", "text", "too large"],
)
def test_a_file_that_holds_no_fact_check_is_one_line(desk: Desk, text: str, said: str) -> None:
    desk.write("saved.html", text)
    done = desk.type("claim", "new", "saved.html")
    (line,) = done.error.splitlines()
    assert (done.code, line.startswith("saved.html: ")) == (1, True)
    assert said in line


@pytest.mark.parametrize("place", ["paper.example/7", "rules", "no-such-file.html"])
def test_what_is_neither_an_address_nor_a_file_is_one_line(desk: Desk, place: str) -> None:
    done = desk.type("claim", "new", place)
    assert done.code == 1
    assert done.error.startswith(f"{place}: it is neither a web address nor a file that can be read: ")


def test_a_file_that_cannot_be_written_is_one_line(desk: Desk) -> None:
    desk.write("saved.html", PAGE)
    done = desk.type("claim", "new", "saved.html", "--to", "nowhere/seven.yaml")
    assert (done.code, done.error) == (1, "nowhere/seven.yaml cannot be written: No such file or directory\n")
