"""The way to the second reader: the chat interface of OpenAI, which Ollama, llama.cpp and hosted services have too."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final, Protocol

from pydantic import BaseModel, Field, ValidationError

from watcher.model import FetchError, Reason
from watcher.second_reader.answer import Opinion, opinion
from watcher.second_reader.prompt import REPLY_SCHEMA, chat_messages
from watcher.web import Response

DEADLINE: Final = timedelta(seconds=5)
"""For one question, from the name service to the last byte of the reply: nothing waits longer."""
MAX_REPLY_BYTES: Final = 64 * 1024
"""Size of one response, decompressed; the JSON that is asked for has about a thousand."""
MAX_REPLY_TOKENS: Final = 300
"""After which the model is to stop: a sentence and two words."""


class QuestionWeb(Protocol):
    """The way to the network, bounded by `DEADLINE` and `MAX_REPLY_BYTES`."""

    def ask(self, url: str, *, content: bytes | None, headers: Mapping[str, str], in_turn: bool) -> Response:
        """Return a response of the 200 class to a POST, without waiting for others. Raise FetchError."""


class _Message(BaseModel):
    content: str


class _Choice(BaseModel):
    message: _Message


class _Completion(BaseModel):
    choices: list[_Choice] = Field(min_length=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """An OpenAI-compatible interface and one of its models. Safe to use from many threads."""

    web: QuestionWeb
    url: str
    """Up to the version, as ``http://127.0.0.1:11434/v1``."""
    model: str
    key: str = field(default="", repr=False)
    """Secret; empty where the interface asks for none."""

    def ask(self, question: str, shown: str) -> Opinion:
        """Return the model's opinion on the text ``shown``. Raise FetchError where no reply can be had in time.

        The connection is one of its own and bounded, so no endpoint takes more than `DEADLINE`.
        """
        response = self.web.ask(
            f"{self.url.rstrip('/')}/chat/completions",
            content=json.dumps(self._request(question, shown)).encode(),
            headers=self._headers(),
            in_turn=False,
        )
        return opinion(_reply(response.body), shown)

    def _request(self, question: str, shown: str) -> dict[str, Any]:
        return {
            "model": self.model,
            "messages": chat_messages(question, shown, mark=secrets.token_hex(16)),
            "temperature": 0,
            "max_tokens": MAX_REPLY_TOKENS,
            "stream": False,
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": "answer", "strict": True, "schema": REPLY_SCHEMA},
            },
        }

    def _headers(self) -> dict[str, str]:
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        return headers | ({"Authorization": f"Bearer {self.key}"} if self.key else {})


def _reply(body: bytes) -> str:
    """Return what the model wrote. Raise FetchError for what is no chat completion; its own words are not repeated."""
    try:
        return _Completion.model_validate_json(body).choices[0].message.content
    except ValidationError:
        raise FetchError(Reason.DAMAGED, "the answer is not a chat completion") from None
