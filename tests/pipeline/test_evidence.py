"""What an alert rests on: what is kept of it, what never is, and the files that it is handed out in."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from conftest import StandingClock
from desks import Desk
from warcio.archiveiterator import ArchiveIterator
from warcio.cli import main as warcio_tool
from world import World, story, transfer

from storage import alerts, evidence
from storage.database import Database
from storage.evidence import StoredEvidence
from watcher.cli import evidence as command  # noqa: F401  # adds the command
from watcher.fetchers.redaction import evidence as kept_of
from watcher.pipeline.evidence import keep
from watcher.reports import warc
from watcher.text.humanize import when
from watcher.web import Response

LINK = "https://paper.example.org/50"
PAGE = "Two officers had been sworn in by ICE, said the union. Größe: 7. " * 10


@pytest.fixture
def world(database: Database, clock: StandingClock) -> World:
    watched = World(database, clock)
    watched.fetcher.gives_evidence = True
    watched.step()
    watched.pages.say(LINK, PAGE)
    watched.show("paper", transfer(50), story(3))
    watched.step(minutes=12)
    return watched


def kept(world: World, alert_id: int = 1) -> list[StoredEvidence]:
    with world.database.read() as connection:
        return evidence.whole(connection, alert_id)


# ------------------------------------------------------------------------------------------------ keeping


def test_an_alert_keeps_the_source_and_the_page_as_they_were_fetched(world: World) -> None:
    source, page = kept(world)
    assert (source.what, source.url, source.status) == ("fake", "https://paper.example.org/feed", 200)
    assert (page.what, page.url, page.body) == ("article", LINK, PAGE.encode())
    assert page.text == PAGE
    assert source.text == "50 officers left for ICE\n\nReport 50 was heard."
    assert [row.sha256 for row in (source, page)] == [sha256(row.body).digest() for row in (source, page)]


def test_the_alert_names_its_evidence(world: World) -> None:
    text = world.sent[-1].message.text
    digest = sha256(PAGE.encode()).hexdigest()
    assert f"article as fetched {when(datetime(2026, 1, 20, 12, tzinfo=UTC))}, sha256 {digest}" in text
    assert "fake as fetched 2026-01-20 12:00 UTC, sha256 " in text


def test_what_made_no_alert_leaves_no_evidence(world: World) -> None:
    world.show("city", story(9))
    world.step(minutes=12)
    with world.database.read() as connection:
        assert len(alerts.recent(connection)) == 1
        assert {row.what for row in evidence.of_alert(connection, 1)} == {"fake", "article"}
        assert connection.exec_driver_sql("SELECT count(*) FROM evidence").scalar() == 2


def test_the_same_bytes_are_kept_once_for_two_alerts(world: World) -> None:
    world.show("paper", transfer(51), transfer(52, title="52 officers went to ICE", summary="In May."))
    world.step(minutes=12)
    with world.database.read() as connection:
        ids = [alert.id for alert in alerts.recent(connection)]
        assert len(ids) == 3
        linked = [row.id for alert_id in ids[:2] for row in evidence.of_alert(connection, alert_id)]
    assert len(linked) == 2
    assert len(set(linked)) == 1


def test_an_update_adds_what_it_rests_on(world: World) -> None:
    world.pages.say(LINK, f"{PAGE}Vacancies remain.")
    world.step(minutes=61)
    assert [row.what for row in kept(world)] == ["fake", "article", "article"]


def test_of_a_source_that_was_read_in_many_answers_those_are_kept_that_hold_the_item(world: World) -> None:
    entry = transfer(60, guid="item-60", link="https://paper.example.org/story/60")
    bodies = (b"[{'id': 'item-59'}]", b"[{'id': 'item-60'}]", b"[{'id': 'item-61'}]")
    seen = [kept_of("json", replace(answer("https://paper.example.org/api"), body=body)) for body in bodies]
    with world.database.write() as connection:
        keep(connection, 1, seen, entry, None)
    assert [row.body for row in kept(world) if row.what == "json"] == [bodies[1]]


# ------------------------------------------------------------------------------------------------ what is left out


def answer(url: str, *headers: tuple[bytes, bytes]) -> Response:
    return Response(
        status=200,
        url=url,
        headers=headers,
        body=b"x",
        etag=None,
        last_modified=None,
        hold=None,
        fetched_at=datetime(2026, 1, 20, 12, tzinfo=UTC),
    )


def test_no_cookie_is_kept() -> None:
    found = kept_of("page", answer(LINK, (b"Set-Cookie", b"a=b"), (b"SET-COOKIE2", b"c"), (b"Date", b"today")))
    assert found.headers == (("Date", "today"),)


@pytest.mark.scenario("Z6")
@pytest.mark.parametrize("name", ["key", "api_key", "apikey", "access_token", "sig", "X-Amz-Signature", "password"])
def test_secrets_in_an_address_are_kept_nowhere(name: str) -> None:
    url = f"https://api.example.org/v1?{name}=s3cr3t+x&keyword=ice&q=a%20b"
    found = kept_of("json", answer(url, (b"Link", f"<https://x?{name}=s3cr3t x>".encode())))
    assert found.url == f"https://api.example.org/v1?{name}=redacted&keyword=ice&q=a+b"
    assert "s3cr3t" not in repr(found)


def test_an_address_without_secrets_stays_as_it_is() -> None:
    url = "https://api.example.org/v1?q=a%20b&;x&monkey&keyword=1"
    assert kept_of("json", answer(url)).url == url


# ------------------------------------------------------------------------------------------------ handing out


@pytest.fixture
def archive(world: World, tmp_path: Path) -> Path:
    with world.database.read() as connection:
        alert = alerts.get(connection, 1)
    assert alert is not None
    with (tmp_path / "alert.warc.gz").open("wb") as file:
        warc.write(file, alert, kept(world))
    return tmp_path / "alert.warc.gz"


def test_other_tools_read_the_archive(archive: Path) -> None:
    with archive.open("rb") as file:
        found = [
            (record.rec_type, record.rec_headers.get_header("WARC-Target-URI"), record.content_stream().read())
            for record in ArchiveIterator(file)
        ]
    assert [kind for kind, _, _ in found] == [
        "warcinfo", "resource", "response", "conversion", "response", "conversion"
    ]  # fmt: skip
    assert found[4][1:] == (LINK, PAGE.encode())
    with gzip.open(archive) as file:
        assert f"WARC-Payload-Digest: sha256:{sha256(PAGE.encode()).hexdigest()}".encode() in file.read()
    assert found[5][2].decode() == PAGE


def test_the_archive_passes_the_check_of_its_format(archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        warcio_tool(["check", "-v", str(archive)])
    assert not ended.value.code, capsys.readouterr().out


def test_headers_of_the_bytes_on_the_wire_are_kept_under_another_name(archive: Path) -> None:
    with archive.open("rb") as file:
        headers = next(record.http_headers for record in ArchiveIterator(file) if record.rec_type == "response")
    assert headers.get_header("Content-Encoding") is None
    assert headers.get_header("Content-Length") is not None
    assert headers.get_header("X-Archive-Orig-Content-Encoding") == "gzip"


def test_the_command_writes_an_archive_and_a_summary_and_overwrites_nothing(
    tmp_path: Path, clock: StandingClock
) -> None:
    database = Database(f"sqlite:///{tmp_path / 'case.sqlite'}")
    database.migrate()
    world = World(database, clock)
    world.fetcher.gives_evidence = True
    world.step()
    world.pages.say(LINK, PAGE)
    world.show("paper", transfer(50))
    world.step(minutes=12)
    database.close()
    (tmp_path / "watcher.toml").write_text(f'[storage]\nurl = "{database.url}"\n', encoding="utf-8")
    desk = Desk(tmp_path)
    done = desk.type("evidence", "1", "--out", "case.warc.gz", "--json")
    assert done.code == 0, done.error
    told = json.loads(done.out)
    assert [row["what"] for row in told["evidence"]] == ["fake", "article"]
    assert gzip.decompress((tmp_path / "case.warc.gz").read_bytes()).startswith(b"WARC/1.1")
    summary = (tmp_path / "case.warc.gz.txt").read_text(encoding="utf-8")
    assert PAGE in summary
    assert told["evidence"][1]["sha256"] in summary
    again = desk.type("evidence", "1", "--out", "case.warc.gz")
    assert (again.code, "is there already" in again.error) == (1, True)
    missing = desk.type("evidence", "9")
    assert (missing.code, "there is no alert 9" in missing.error) == (1, True)
