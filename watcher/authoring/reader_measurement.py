"""Measure the second reader on the tests of rule files: they say what the answer to each rule's question is."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TypeVar

from watcher.authoring.rule_file import RuleFiles
from watcher.model import Clock, ConfigError, FetchError
from watcher.rulebook import RulebookError, yaml_nodes
from watcher.rulebook.disk import SOURCES_FILE
from watcher.rulebook.file_models import ClaimFile, TestModel
from watcher.rulebook.validation import validate
from watcher.second_reader.answer import Opinion, Says
from watcher.second_reader.breaker import Breaker
from watcher.second_reader.endpoint import Endpoint
from watcher.second_reader.prompt import AskedItem, shown_text

Of = TypeVar("Of")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleQuestion:
    """A rule's question about the text of a test, and the answer that the file gives."""

    claim: str
    rule: str
    asks: str
    item: AskedItem
    yes: bool
    """Whether the test expects the rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleAnswer:
    """What came of a question."""

    question: ExampleQuestion
    opinion: Opinion | None
    """None where no reply could be had."""
    seconds: float
    failure: str = ""
    """Why not."""

    @property
    def is_right(self) -> bool:
        """Whether the answer is that of the file."""
        return self.opinion is not None and self.opinion.answer is (Says.YES if self.question.yes else Says.NO)

    @property
    def unusable(self) -> str:
        """Why it says nothing; empty where it does, if only that the answer is unclear."""
        return self.failure or (self.opinion.flaw or "" if self.opinion else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """What a second reader answered."""

    answers: Sequence[ExampleAnswer]
    stopped: str = ""
    """Why not everything was asked; empty where it was."""

    @property
    def of_yes(self) -> list[ExampleAnswer]:
        """Return the answers where yes is right."""
        return [each for each in self.answers if each.question.yes]

    @property
    def of_no(self) -> list[ExampleAnswer]:
        """Return the answers where no is right."""
        return [each for each in self.answers if not each.question.yes]

    @property
    def sensitivity(self) -> float | None:
        """Return the share of yes where yes is right; what is unclear or unusable is not right. None: not asked."""
        return _share(self.of_yes)

    @property
    def specificity(self) -> float | None:
        """Return the share of no where no is right; what is unclear or unusable is not right. None: not asked."""
        return _share(self.of_no)

    @property
    def raised_wrongly(self) -> list[ExampleAnswer]:
        """Return the answers that would have had an item told at once for nothing."""
        return [each for each in self.of_no if each.opinion and each.opinion.answer is Says.YES]

    @property
    def lowered_wrongly(self) -> list[ExampleAnswer]:
        """Return the answers that would have had an item that matters told later."""
        return [each for each in self.of_yes if each.opinion and each.opinion.is_certain_no]

    @property
    def unusable(self) -> dict[str, int]:
        """Return how many answers say nothing, by the reason."""
        return dict(Counter(each.unusable for each in self.answers if each.unusable))

    @property
    def seconds(self) -> tuple[float, float] | None:
        """Return how long an answer took, the median and the longest; None where nothing was asked."""
        taken = [each.seconds for each in self.answers]
        return (median(taken), max(taken)) if taken else None


def questions(files: RuleFiles) -> list[ExampleQuestion]:
    """Return each rule's question about each test of its file. Raise RulebookError, or ConfigError where none is."""
    found = [question for name in files.texts if name != SOURCES_FILE for question in _of_file(files, name)]
    if not found:
        raise ConfigError("there is nothing to ask: it needs rules with `asks` and `tests` in the same file")
    return found


def selection(every: Sequence[ExampleQuestion], limit: int) -> list[ExampleQuestion]:
    """Return at most ``limit`` questions, drawn evenly: half of them with yes for an answer, if there are so many."""
    yes = [each for each in every if each.yes]
    no = [each for each in every if not each.yes]
    wanted_yes = _evenly(yes, max(limit // 2, limit - len(no)))
    return wanted_yes + _evenly(no, limit - len(wanted_yes))


def measure(
    endpoint: Endpoint, asked: Sequence[ExampleQuestion], clock: Clock, progress: Callable[[int], None]
) -> Measurement:
    """Ask one question after the other; stop where the service would leave the endpoint alone."""
    breaker = Breaker()
    answers: list[ExampleAnswer] = []
    for question in asked:
        began = time.monotonic()
        try:
            opinion = endpoint.ask(question.asks, shown_text(question.item))
        except FetchError as error:
            breaker = breaker.after_failure(str(error), clock(), retry_after=error.retry_after)
            answers.append(_answer(question, None, began, breaker.why))
        else:
            breaker = Breaker()
            answers.append(_answer(question, opinion, began))
        progress(1)
        if breaker.is_open(clock()):
            return Measurement(answers=answers, stopped=breaker.why)
    return Measurement(answers=answers)


def _of_file(files: RuleFiles, name: str) -> Iterator[ExampleQuestion]:
    content = _content(files, name)
    for rule_id, rule in content.rules.items():
        if rule.asks:
            for test in content.tests:
                yield ExampleQuestion(
                    claim=content.id, rule=rule_id, asks=rule.asks, item=_item(test), yes=rule_id in test.expect
                )


def _content(files: RuleFiles, name: str) -> ClaimFile:
    root, problems = yaml_nodes.compose(name, files.texts[name])
    if root is not None:
        content, problems = validate(ClaimFile, name, root)
        if content is not None:
            return content
    raise RulebookError(map(files.placed, problems))


def _item(test: TestModel) -> AskedItem:
    return AskedItem(id=0, title=test.title, text="\n\n".join(filter(None, (test.summary, test.text))))


def _answer(question: ExampleQuestion, opinion: Opinion | None, began: float, failure: str = "") -> ExampleAnswer:
    return ExampleAnswer(question=question, opinion=opinion, seconds=time.monotonic() - began, failure=failure)


def _share(answers: Sequence[ExampleAnswer]) -> float | None:
    return sum(each.is_right for each in answers) / len(answers) if answers else None


def _evenly(every: Sequence[Of], count: int) -> list[Of]:
    if count >= len(every):
        return list(every)
    return [every[number * len(every) // count] for number in range(count)]
