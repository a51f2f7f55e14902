"""The settings: the one place that reads ``watcher.toml``, the environment and systemd's credentials.

The environment (``WATCHER_RULES__DIRECTORY=...``) overrides the file. A value that starts with ``credential:``,
``env:`` or ``file:`` is read from there, so that the file does not have to contain secrets.
"""

from __future__ import annotations

import os
import stat
import tomllib
from collections.abc import Mapping
from datetime import time, timedelta
from pathlib import Path
from typing import Any, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from watcher.model import ConfigError
from watcher.text.links import is_web
from watcher.wording import fault

FILE_NAME = "watcher.toml"

_SECOND_READER = "second_reader"
"""In Python; in the file the section is called second-reader, as the command is."""
_SCHEMES = frozenset({"credential", "env", "file"})
SYSTEM_FILE = Path("/etc/watcher") / FILE_NAME


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class StorageSettings(_Section):
    """Where items and messages are stored, and for how long."""

    url: str = Field("", description="empty: SQLite in the state folder")
    keep_days: int | None = Field(None, ge=1, description="older texts are removed; left out: nothing is removed")

    @property
    def keep(self) -> timedelta | None:
        """Return how long texts are kept; None: without limit."""
        return None if self.keep_days is None else timedelta(days=self.keep_days)


class RulesSettings(_Section):
    """Where the rule files are."""

    directory: Path = Path("rules")


class OperatorSettings(_Section):
    """Who runs this service, and when they read the digest."""

    contact: str = Field("", description="shown to the sites that are read, in the User-Agent header")
    alert_to: tuple[str, ...] = Field((), description="channels that get messages about the service itself; empty: all")
    timezone: str = "UTC"
    digest_at: time = time(8)

    @field_validator("timezone")
    @classmethod
    def _is_known(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"unknown time zone {value!r}; names look like America/Chicago") from error
        return value


class FetchSettings(_Section):
    """How sources are read."""

    allow_private: tuple[str, ...] = Field((), description="private hosts, host:port or networks that may be read")
    deadline: timedelta = timedelta(seconds=30)
    threads: int = Field(8, ge=1, le=64)
    workers: int = Field(2, ge=1, le=16)


class DeliverSettings(_Section):
    """How messages are delivered."""

    allow_private: tuple[str, ...] = Field((), description="private hosts, host:port or networks that may be sent to")
    threads: int = Field(8, ge=1, le=64)


class SecondReaderSettings(_Section):
    """The language model that is asked about items: ``[second-reader]``. Nobody is asked while it has no address."""

    url: str = Field("", description="of an OpenAI-compatible interface, up to its version: http://127.0.0.1:11434/v1")
    model: str = Field("", description="as the interface calls it")
    key: str = Field("", description="name of the secret in [secrets] that is sent as its key; empty: none is sent")
    allow_private: tuple[str, ...] = Field((), description="private hosts, host:port or networks that may be asked")
    questions_a_day: int = Field(200, ge=1, description="those that fail are counted")

    @model_validator(mode="after")
    def _can_be_asked(self) -> Self:
        if not self.url:
            return self
        if not is_web(self.url):
            raise ValueError("url is not a web address; write it as http://127.0.0.1:11434/v1")
        if not self.model:
            raise ValueError("model is missing: what the interface calls the model that is asked")
        if self.url.startswith("http:") and not self.allow_private:
            raise ValueError("texts would travel unencrypted: use https, or name a private address in allow_private")
        return self


class Settings(BaseSettings):
    """Everything that is configured outside the rule files."""

    model_config = SettingsConfigDict(
        env_prefix="WATCHER_",
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
        nested_model_default_partial_update=True,
    )

    state: Path = Field(Path(".watcher"), description="folder for the database and everything else that is written")
    storage: StorageSettings = StorageSettings()
    rules: RulesSettings = RulesSettings()
    operator: OperatorSettings = OperatorSettings()
    fetch: FetchSettings = FetchSettings()
    deliver: DeliverSettings = DeliverSettings()
    second_reader: SecondReaderSettings = SecondReaderSettings()
    channels: dict[str, dict[str, Any]] = Field(default_factory=dict)  # validated by each kind when it is built
    secrets: dict[str, str] = Field(
        default_factory=dict, description="values for {name} in a source's headers, and keys"
    )
    _file: Path | None = PrivateAttr(None)

    @property
    def file(self) -> Path | None:
        """Return the file they were read from, if any."""
        return self._file

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003  # the signature is pydantic's
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003  # the signature is pydantic's
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003  # the signature is pydantic's
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Return the environment before the file, whose content is passed as init settings."""
        return env_settings, init_settings


def load(path: Path | None = None) -> Settings:
    """Read the settings from ``path``, or else the file found by ``WATCHER_CONFIG`` or in a standard folder.

    The folders are the working folder, systemd's configuration folder and ``/etc/watcher``. Relative paths in the file
    are relative to the file. Raise `ConfigError` with every mistake at once.
    """
    found = path or _find()
    content: dict[str, Any] = {}
    home = Path.cwd()
    if found is not None:
        content, home = _read(found), found.resolve().parent
    try:
        settings = Settings(**content)
    except ValidationError as error:
        raise ConfigError("\n".join(_problems(error, found))) from error
    state = os.environ.get("STATE_DIRECTORY") or settings.state
    settings = settings.model_copy(
        update={
            "state": home / state,
            "rules": RulesSettings(directory=home / settings.rules.directory.expanduser()),
        }
    )
    settings._file = found
    return settings


def others_may_read(path: Path) -> bool:
    """Return whether every account on this machine may read a file."""
    return bool(path.stat().st_mode & stat.S_IROTH)


def is_written_out(value: Any) -> bool:
    """Return whether a secret is written in the settings file itself, not in a credential, variable or other file."""
    values = value.values() if isinstance(value, dict) else [value]
    return any(isinstance(each, str) and each.partition(":")[0] not in _SCHEMES for each in values)


def runtime_directory(settings: Settings) -> Path:
    """Return the folder of the control socket."""
    return Path(os.environ.get("RUNTIME_DIRECTORY") or settings.state)


def notify_socket() -> str:
    """Return the socket on which systemd listens for this service; empty if systemd did not start it."""
    return os.environ.get("NOTIFY_SOCKET", "")


def watchdog_interval() -> timedelta | None:
    """Return how long systemd waits for a sign of life before it restarts the service; None if it does not check."""
    usec, pid = os.environ.get("WATCHDOG_USEC", ""), os.environ.get("WATCHDOG_PID", "")
    if not usec or (pid and int(pid) != os.getpid()):
        return None
    return timedelta(microseconds=int(usec))


def _find() -> Path | None:
    named = os.environ.get("WATCHER_CONFIG")
    if named:
        return Path(named)
    folders = [Path.cwd(), *(Path(one) for one in os.environ.get("CONFIGURATION_DIRECTORY", "").split(":") if one)]
    candidates = [*(folder / FILE_NAME for folder in folders), SYSTEM_FILE]
    return next((candidate for candidate in candidates if candidate.is_file()), None)


def _read(path: Path) -> dict[str, Any]:
    try:
        written = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ConfigError(f"{path}: file not found; `watcher init` writes one") from error
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror}); check its owner and mode") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not valid TOML: {error}") from error
    return {_SECOND_READER if name == "second-reader" else name: section for name, section in written.items()}


def _problems(error: ValidationError, path: Path | None) -> list[str]:
    return [f"{_where(one['loc'], path)}: {fault(Settings, one)}" for one in error.errors()]


def _where(place: tuple[int | str, ...], path: Path | None) -> str:
    """Return where the value at ``place`` was read: from the environment if set there, which overrides the file."""
    variable = "__".join(("WATCHER", *map(str, place))).upper().replace("WATCHER__", "WATCHER_", 1)
    name = ".".join("second-reader" if part == _SECOND_READER else str(part) for part in place)
    return f"{variable} in the environment" if variable in os.environ or path is None else f"{path}: {name}"


def resolved(options: Mapping[str, Any], section: str) -> dict[str, Any]:
    """Return a section's options with their secrets. Called where the options are used, and nowhere else.

    Raise `ConfigError` when a secret is not found.
    """
    return {name: _value(value, f"{section}.{name}") for name, value in options.items()}


def _value(value: Any, where: str) -> Any:
    if isinstance(value, list):
        return [_value(one, where) for one in value]
    if isinstance(value, dict):
        return resolved(value, where)
    if not isinstance(value, str):
        return value
    scheme, found, rest = value.partition(":")
    if not found or scheme not in _SCHEMES:
        return value
    if scheme == "env":
        if rest not in os.environ:
            raise ConfigError(f"{where}: the environment has no {rest}")
        return os.environ[rest]
    folder = os.environ.get("CREDENTIALS_DIRECTORY", "")
    if scheme == "credential" and not folder:
        raise ConfigError(f"{where}: no credentials: start watcher by systemd with LoadCredential={rest}:...")
    path = Path(folder) / rest if scheme == "credential" else Path(rest).expanduser()
    try:
        secret = path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ConfigError(f"{where}: cannot read {path} ({error.strerror})") from error
    if others_may_read(path):
        import structlog  # here, since a command that only shows something reads no secret

        log = structlog.get_logger()
        log.warning("others may read a secret", option=where, file=str(path), advice="chmod o-r")
    return secret
