"""Commands about the second reader."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from watcher.cli.base import RULES, Json, cli, given_settings, group
from watcher.cli.output import Columns, counting, fail, say, show_json, show_table
from watcher.clock import utc_now
from watcher.text.humanize import pluralize

if TYPE_CHECKING:
    from watcher.authoring.reader_measurement import ExampleAnswer, Measurement
    from watcher.settings import SecondReaderSettings

second_reader_cli = group(help="The language model that is asked about items.", no_args_is_help=True)
cli.add_typer(second_reader_cli, name="second-reader", rich_help_panel=RULES)

_SHOWN = 20
"""Wrong answers that are shown."""


@second_reader_cli.callback()
def _second_reader() -> None:
    """Keep `test` a command of its own: typer would otherwise take the only one for the group."""


@second_reader_cli.command("test")
def measure(
    path: Annotated[
        Path | None,
        typer.Argument(metavar="FILE", help="A claim's file; left out: all of the folder in watcher.toml."),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=10000, help="At most so many questions.")] = 100,
    as_json: Json = False,
) -> None:
    """Ask the second reader about the tests of rule files, and show how often it is right, and how fast.

    The answer to a rule's question is yes where a test expects the rule, else no. The texts of the tests are sent to
    the address in watcher.toml. Of more than --limit questions as many are asked, drawn evenly.

    Examples: `watcher second-reader test`, `watcher second-reader test rules/claims/mpd-to-ice.yaml --limit 20`
    """
    from watcher import app
    from watcher.authoring import reader_measurement, rule_file

    found = given_settings()
    reader = found.second_reader
    web = app.asking_web(found, utc_now)
    try:
        endpoint = app.build_endpoint(found, web)
        if endpoint is None:
            fail("no second reader is configured: write url and model below [second-reader] in watcher.toml")
        every = reader_measurement.questions(rule_file.gather(path or found.rules.directory, found))
        asked = reader_measurement.selection(every, limit)
        with counting(len(asked), "asked") as advance:
            measured = reader_measurement.measure(endpoint, asked, utc_now, advance)
    finally:
        web.close()
    if as_json:
        show_json(_data(measured, reader, of=len(every)))
    else:
        _show(measured, reader, of=len(every))
    if measured.stopped:
        fail(f"stopped after {pluralize(len(measured.answers), 'question')}: {measured.stopped}")


def _show(measured: Measurement, reader: SecondReaderSettings, *, of: int) -> None:
    say(f"{reader.model} at {_shown_url(reader)}: asked {len(measured.answers)} of {pluralize(of, 'question')}")
    say(f"yes where it is yes (sensitivity): {_share(measured.of_yes)}")
    say(f"no where it is no (specificity):   {_share(measured.of_no)}")
    say(f"would alert at once by mistake:    {len(measured.raised_wrongly)}")
    say(f"would alert late by mistake:       {len(measured.lowered_wrongly)}")
    reasons = "".join(f"; {count} {reason}" for reason, count in measured.unusable.items())
    say(f"unusable answers: {sum(measured.unusable.values())}{reasons}")
    if measured.seconds:
        say("seconds per answer: median {:.1f}, longest {:.1f}".format(*measured.seconds))
    wrong = [each for each in measured.answers if not each.is_right]
    columns: Columns[ExampleAnswer] = {
        "rule": lambda each: each.question.rule,
        "right": lambda each: "yes" if each.question.yes else "no",
        "said": _said,
        "test": lambda each: each.question.item.title or each.question.item.text,
    }
    if wrong:
        say()
        show_table(wrong[:_SHOWN], columns, empty="")
    if len(wrong) > _SHOWN:
        say(f"and {len(wrong) - _SHOWN} more: --json shows them all")


def _share(answers: list[ExampleAnswer]) -> str:
    right = sum(each.is_right for each in answers)
    return f"{right} of {len(answers)}" + (f", {right / len(answers):.0%}" if answers else "")


def _said(answer: ExampleAnswer) -> str:
    opinion = answer.opinion
    return f"{opinion.answer}, {opinion.confidence}" if opinion and not opinion.flaw else "unusable"


def _shown_url(reader: SecondReaderSettings) -> str:
    """Return the address without user name and password."""
    scheme, _, rest = reader.url.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"


def _data(measured: Measurement, reader: SecondReaderSettings, *, of: int) -> dict[str, Any]:
    middle, longest = measured.seconds or (None, None)
    return {
        "model": reader.model,
        "url": _shown_url(reader),
        "questions": of,
        "asked": len(measured.answers),
        "stopped": measured.stopped,
        "sensitivity": measured.sensitivity,
        "specificity": measured.specificity,
        "raised_wrongly": len(measured.raised_wrongly),
        "lowered_wrongly": len(measured.lowered_wrongly),
        "unusable": measured.unusable,
        "seconds": {"median": middle, "longest": longest},
        "answers": [_answer_data(each) for each in measured.answers],
    }


def _answer_data(answer: ExampleAnswer) -> dict[str, Any]:
    question, opinion = answer.question, answer.opinion
    return {
        "claim": question.claim,
        "rule": question.rule,
        "title": question.item.title,
        "expected": "yes" if question.yes else "no",
        "answer": opinion.answer if opinion else None,
        "confidence": opinion.confidence if opinion else None,
        "quote": opinion.quote if opinion else "",
        "unusable": answer.unusable,
        "seconds": round(answer.seconds, 3),
    }
