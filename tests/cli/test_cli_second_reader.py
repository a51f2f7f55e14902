"""Measuring the second reader on the tests of rule files, by the command."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest
from desks import CLAIM, SETTINGS, Desk
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

TESTS = """\
tests:
  - {title: "Twenty officers left for ICE", text: "The chief said so.", expect: [transfer]}
  - {title: "Two officers join ICE", text: "A record shows it.", expect: [transfer]}
  - {title: "Officers play hockey", text: "The arena is new.", expect: []}
  - {title: "The council meets", text: "It talks about police.", expect: []}
"""
SECTION = '[second-reader]\nurl = "{url}"\nmodel = "tiny"\nallow_private = ["127.0.0.1", "localhost"]\n'

Answers = Callable[[str], str]


def says(answer: str, quote: str = "", confidence: str = "high") -> str:
    return json.dumps({"answer": answer, "quote": quote, "confidence": confidence})


@pytest.fixture
def reader(httpserver: HTTPServer, desk: Desk) -> Callable[..., list[Request]]:
    """Configures a model that answers as a function of what it is shown, and hands out what it is asked."""

    def configured(answer: Answers, more: str = "", status: int = 200) -> list[Request]:
        asked: list[Request] = []

        def handle(request: Request) -> Response:
            asked.append(request)
            reply = answer(request.get_json()["messages"][1]["content"])
            body = json.dumps({"choices": [{"message": {"content": reply}}]})
            return Response(body, status=status, content_type="application/json")

        httpserver.expect_request("/v1/chat/completions", method="POST").respond_with_handler(handle)
        desk.write("watcher.toml", SECTION.format(url=httpserver.url_for("/v1")) + more)
        desk.write("rules/claims/ice.yaml", CLAIM + TESTS)
        return asked

    return configured


def knowing(shown: str) -> str:
    if "Twenty officers" in shown:
        return says("yes", "Twenty officers left")
    if "A record" in shown:
        return says("no", "A record shows it.")  # wrong, and certain
    if "hockey" in shown:
        return says("no", "Officers play hockey", "low")
    return says("yes", "words that nobody wrote")


def test_it_is_asked_about_every_test_and_what_it_got_wrong_is_told(
    desk: Desk, reader: Callable[..., list[Request]]
) -> None:
    asked = reader(knowing)
    done = desk.type("second-reader", "test", "rules/claims/ice.yaml")
    assert (done.code, len(asked)) == (0, 4)
    assert "tiny at http://" in done.out
    assert "asked 4 of 4 questions" in done.out
    assert "yes where it is yes (sensitivity): 1 of 2, 50%" in done.out
    assert "no where it is no (specificity):   1 of 2, 50%" in done.out
    assert "would alert late by mistake:       1" in done.out
    assert "unusable answers: 1; 1 its quote is not in the text" in done.out
    assert "Two officers join ICE" in done.out
    assert "hockey" not in done.out, "what it got right is not shown"
    assert all("Does this name officers who left for ICE?" in str(each.get_json()["messages"]) for each in asked)


def test_programs_get_all_of_it(desk: Desk, reader: Callable[..., list[Request]]) -> None:
    reader(knowing)
    data: dict[str, Any] = json.loads(desk.type("second-reader", "test", "--json").out)
    assert (data["sensitivity"], data["specificity"], data["lowered_wrongly"], data["raised_wrongly"]) == (
        0.5,
        0.5,
        1,
        0,
    )
    assert data["unusable"] == {"its quote is not in the text": 1}
    assert 0 < data["seconds"]["median"] <= data["seconds"]["longest"] < 5
    assert [each["expected"] for each in data["answers"]] == ["yes", "yes", "no", "no"]
    assert data["answers"][0] | {"seconds": 0} == {
        "claim": "officers-to-ice", "rule": "transfer", "title": "Twenty officers left for ICE", "expected": "yes",
        "answer": "yes", "confidence": "high", "quote": "Twenty officers left", "unusable": "", "seconds": 0,
    }  # fmt: skip


def test_a_few_questions_are_drawn_from_both_kinds(desk: Desk, reader: Callable[..., list[Request]]) -> None:
    reader(knowing)
    data = json.loads(desk.type("second-reader", "test", "--limit", "2", "--json").out)
    assert (data["questions"], [each["expected"] for each in data["answers"]]) == (4, ["yes", "no"])


def test_an_endpoint_that_fails_three_times_in_a_row_is_left_alone(
    desk: Desk, reader: Callable[..., list[Request]]
) -> None:
    asked = reader(lambda _: "", status=500)
    done = desk.type("second-reader", "test")
    assert (done.code, len(asked)) == (1, 3)
    assert "stopped after 3 questions: http status: 500" in done.error
    assert "unusable answers: 3; 3 http status: 500" in done.out


def test_a_dead_endpoint_is_told_plainly(desk: Desk, reader: Callable[..., list[Request]]) -> None:
    reader(knowing)
    with closing(socket.create_server(("127.0.0.1", 0))) as gone:
        port = gone.getsockname()[1]
    desk.write("watcher.toml", SECTION.format(url=f"http://127.0.0.1:{port}/v1"))
    done = desk.type("second-reader", "test")
    assert (done.code, "connection refused" in done.error) == (1, True)


def test_its_key_is_that_of_a_secret_and_is_shown_nowhere(
    desk: Desk, reader: Callable[..., list[Request]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("READER_KEY", "s3cret")
    asked = reader(knowing, 'key = "hosted"\n[secrets]\nhosted = "env:READER_KEY"\nother = "env:NOT_THERE"\n')
    done = desk.type("second-reader", "test", "--json")
    assert {each.headers["Authorization"] for each in asked} == {"Bearer s3cret"}
    assert "s3cret" not in done.out + done.error


def test_a_key_that_names_no_secret_is_not_repeated(desk: Desk, reader: Callable[..., list[Request]]) -> None:
    asked = reader(knowing, 'key = "sk-s3cret"\n')
    done = desk.type("second-reader", "test")
    assert (done.code, asked) == (1, [])
    assert "second-reader.key is not the name of a secret; [secrets] has: none" in done.error
    assert "s3cret" not in done.out + done.error


def test_the_service_starts_with_a_second_reader_and_not_with_a_key_that_names_no_secret(
    desk: Desk, reader: Callable[..., list[Request]]
) -> None:
    asked = reader(knowing, SETTINGS)
    assert desk.type("run", "--once").code == 0
    desk.change("watcher.toml", 'model = "tiny"', 'model = "tiny"\nkey = "sk-s3cret"')
    done = desk.type("run", "--once")
    assert (done.code, asked) == (1, [])
    assert "second-reader.key is not the name of a secret" in done.error


@pytest.mark.parametrize(
    ("section", "wrong"),
    [
        ("", "no second reader is configured: write url and model below [second-reader] in watcher.toml"),
        ('[second-reader]\nurl = "https://reader.example/v1"', "second-reader: model is missing"),
        ('[second-reader]\nurl = "localhost:11434"\nmodel = "tiny"', "second-reader: url is not a web address"),
        ('[second-reader]\nurl = "http://reader.example/v1"\nmodel = "tiny"', "second-reader: texts would travel"),
        ("[second-reader]\nquestions_a_day = 0", "second-reader.questions_a_day: "),
        ('[second-reader]\nmodell = "tiny"', "second-reader.modell: unknown key 'modell'; did you mean model?"),
    ],
)
def test_mistakes_in_the_settings_are_told(section: str, wrong: str, desk: Desk) -> None:
    desk.write("watcher.toml", section)
    done = desk.type("second-reader", "test")
    assert done.code == 1
    assert wrong in done.error


def test_the_environment_says_where_it_is(
    desk: Desk, reader: Callable[..., list[Request]], monkeypatch: pytest.MonkeyPatch
) -> None:
    reader(knowing)
    monkeypatch.setenv("WATCHER_SECOND_READER__MODEL", "large")
    assert desk.type("second-reader", "test").out.startswith("large at ")


def test_files_without_questions_or_tests_have_nothing_to_ask(desk: Desk, reader: Callable[..., list[Request]]) -> None:
    reader(knowing)
    desk.write("rules/claims/ice.yaml", CLAIM)
    done = desk.type("second-reader", "test")
    assert (done.code, "there is nothing to ask" in done.error) == (1, True)


def test_mistakes_in_a_rule_file_are_told_with_their_places(desk: Desk, reader: Callable[..., list[Request]]) -> None:
    asked = reader(knowing)
    desk.change("rules/claims/ice.yaml", "expect: []", "expects: []")
    done = desk.type("second-reader", "test", "rules/claims/ice.yaml")
    assert (done.code, asked) == (1, [])
    assert "rules/claims/ice.yaml:" in done.error
