"""The shape of the files people write: the one truth for the loader and for the schemas that editors use."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from pydantic.json_schema import SkipJsonSchema
from pydantic_core import InitErrorDetails

from watcher.model import DIGEST_LINES, Bearing, EventPolicy, Keeps, Priority, TextFrom
from watcher.ranking.relations import RelationName
from watcher.rulebook.field_types import (
    Address,
    Day,
    Duration,
    Format,
    Id,
    ListName,
    Range,
    Text,
    YesNo,
    check_interval,
    check_spacing,
    condition,
    one_or_more,
)


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class ClaimModel(_Model):
    """The published claim, in the names of schema.org's ClaimReview."""

    claimReviewed: Text  # noqa: N815 (the name is schema.org's)
    """The statement, as it was published."""
    rating: Text
    """The published verdict, in words."""
    url: Address = ""
    """Where the fact-check is published."""
    datePublished: Day = ""  # noqa: N815 (the name is schema.org's)
    """When the verdict was published; alerts show it."""
    lastChecked: Day = ""  # noqa: N815 (written like its neighbours)
    """When a person last looked whether it still holds."""


class RuleModel(_Model):
    """One condition that could change the verdict."""

    when: Text = ""
    """The condition, in the rule language: in single quotes or as a block (|)."""
    like: Annotated[
        list[Text],
        Field(min_length=1),
        BeforeValidator(one_or_more, json_schema_input_type=Literal["tests"] | list[Text]),
    ] = []
    """Instead of a condition: about six sentences that should be told at once. Items are ranked by how they resemble
    them and by the words of the claim and of about; `tests` takes the tests below that expect the rule."""
    unlike: list[Text] = []
    """About twelve sentences that look alike and should not be told at once."""
    always: Text = ""
    """Beside like: a condition, in the rule language, whose hits are told at once however they rank."""
    lines: Annotated[int, Field(ge=0, le=100)] = DIGEST_LINES
    """How many lines of a day's digest the best of what is not told at once may fill."""
    relation: RelationName | SkipJsonSchema[None] = None
    """A vocabulary of watcher's own that sentences are compared by as well; none is needed."""
    asks: Text = ""
    """The question a hit puts to the person who reads the alert."""
    bearing: Bearing = Bearing.CONTEXT
    """What a hit would mean for the verdict."""
    priority: Priority = Priority.NORMAL
    """How soon a person hears of a hit: at once (urgent), as its impact demands (normal), or once a day (digest)."""
    sources: Annotated[list[Id], Field(min_length=1)] = []
    """Ids or tags of the sources it listens to; left out: every source."""
    was: list[Id] = []
    """What this rule was called before; keeps its history."""

    @property
    def learns_from_tests(self) -> bool:
        """Whether the examples are the tests of the file."""
        return self.like == ["tests"]

    @model_validator(mode="after")
    def _has_a_condition(self) -> Self:
        """Report a rule without any as one whose ``when`` is missing, where it would stand."""
        if not (self.when or self.like or self.always):
            missing = InitErrorDetails(type="missing", loc=("when",), input=None)
            raise ValidationError.from_exception_data(type(self).__name__, [missing])
        return self


class UnlessModel(_Model):
    """A condition that suppresses a hit: it is kept and counted, but alerts nobody."""

    when: Text
    """The condition, in the rule language."""
    except_: Annotated[list[Id], Field(alias="except", min_length=1)] = []
    """Rules that it leaves alone."""


class EventsModel(_Model):
    """What is done about an item that matches, by what happened to it."""

    new: Literal["alert", "ignore"] = "alert"
    """An item never seen before."""
    edited: Literal["alert", "alert-if-newly-matching", "alert-if-alerted", "ignore"] = "alert-if-newly-matching"
    """An item whose text changed."""
    removed: Literal["alert", "alert-if-alerted", "ignore"] = "alert-if-alerted"
    """An item that was alerted and is gone from a source that keeps its items; alert does the same as
    alert-if-alerted."""

    def policies(self) -> dict[str, EventPolicy]:
        """The policy of each kind of event."""
        return {kind: EventPolicy(policy) for kind, policy in self.model_dump().items()}


class AlertModel(_Model):
    """Whom alerts go to, and how."""

    to: Annotated[list[Text], Field(min_length=1)] = []
    """Names of channels from watcher.toml; left out: every channel."""
    group: Annotated[Literal["story"], Field(json_schema_extra={"deprecated": True})] = "story"
    """No effect: one alert always covers all copies of a story. Files of earlier versions may have it."""
    remind_after: Duration | SkipJsonSchema[None] = None
    """An urgent alert that nobody took is sent again after this time."""


class TestModel(_Model):
    """An invented item, and which rules must hit it: exactly these, no other."""

    title: Text = ""
    summary: Text = ""
    text: Text = ""
    author: Text = ""
    url: Address = ""
    tags: list[Text] = []
    """What the source files the item under."""
    source: Id | SkipJsonSchema[None] = None
    """Id of the source it comes from: only rules that listen to it are asked; left out: every rule."""
    expect: list[Id]
    """The rules that must hit; [] for none. A rule with like: tests learns what is meant from those that expect it."""
    unlike: list[Id] = []
    """Rules with like: tests that learn from this item what is not meant; left out, with expect: [], all of them."""
    suppressed_by: Annotated[list[Text], BeforeValidator(one_or_more, json_schema_input_type=Text | list[Text])] = []
    """The unless-conditions that must have suppressed a hit."""


class ClaimFile(_Model):
    """A claim that is watched: the published verdict, and what would change it."""

    watch: Format
    """The version of the format."""
    id: Id
    """Never change it: the history and webhooks refer to it."""
    owner: Text = ""
    """Who looks after this file; alerts show it."""
    review_by: Day = ""
    """After this day the digest says that the file is stale."""
    claim: ClaimModel
    about: dict[ListName, Annotated[list[Text], Field(min_length=1, max_length=200)]] = {}
    """Named lists of names and words that make it likelier that an item is about the claim; none is required. What is
    listed under place is implied by sources that are tagged local or city."""
    terms: dict[ListName, Annotated[list[Text], Field(min_length=1)]] = {}
    """Named lists of words and phrases, used as @name."""
    rules: Annotated[dict[Id, RuleModel], Field(min_length=1)]
    """The conditions, by name."""
    unless: dict[Id, Annotated[UnlessModel, BeforeValidator(condition, json_schema_input_type=Text | UnlessModel)]] = {}
    """What suppresses a hit, by name."""
    events: EventsModel = EventsModel()
    alert: AlertModel = AlertModel()
    needs: list[Id] = []
    """Ids or tags of sources without which this claim is blind; left out: its official sources, else all."""
    expect_per_week: Range | SkipJsonSchema[None] = None
    """The least and the most hits in a usual week; outside it is a warning."""
    was: list[Id] = []
    """What this claim was called before; keeps its history."""
    tests: list[TestModel] = []


class SourceModel(_Model):
    """Something that is polled."""

    id: Id
    """Never change it: what has been seen is kept under it."""
    kind: str
    """How it is read."""
    url: Address
    """What is fetched."""
    tags: list[Id] = []
    """What kind of source it is: official, press, aggregator, social or words of your own."""
    every: Annotated[Duration, AfterValidator(check_interval), Field(json_schema_extra={"default": "15m"})] = timedelta(
        minutes=15
    )
    """How often it is polled; left out: every quarter of an hour to begin with, then as suits what it publishes."""
    keeps: Keeps = Keeps.WINDOW
    """Whether it shows only its newest items (window), or keeps all of them (all)."""
    text_from: TextFrom = TextFrom.AUTO
    """Where the text of an item is read: in the feed alone, on its page, there and in the PDFs attached to it, or on
    the page where the feed falls short."""
    spacing: Annotated[Duration, AfterValidator(check_spacing), Field(json_schema_extra={"default": "1s"})] = timedelta(
        seconds=1
    )
    """The least time between two visits to its host, for whichever source."""
    enabled: YesNo = True
    disabled_because: Text = ""
    """Why it is not polled; needed with enabled: false."""
    was: list[Id] = []
    """What this source was called before; keeps its history."""


class SourcesFile(_Model):
    """The sources that are polled; each carries the options of its kind beside these keys."""

    watch: Format = 1
    """The version of the format."""
    sources: list[Any]
