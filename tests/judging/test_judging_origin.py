from datetime import UTC, datetime

import pytest

from watcher.judging import Outlet, origin


@pytest.mark.parametrize(
    ("outlet", "name"),
    [
        (Outlet(name="Ledger", author="By The Associated Press"), "AP"),
        (Outlet(name="Ledger", author="Jo Field, Associated Press"), "AP"),
        (Outlet(name="Ledger", author="Jo Field | AP"), "AP"),
        (Outlet(name="Ledger", text="MINNEAPOLIS (AP) — Officers left."), "AP"),
        (Outlet(name="Ledger", text="ST. PAUL, Minn. (Reuters) - Officers left."), "Reuters"),
        (Outlet(name="Ledger", text="Officers left. Reporting by Jo Field; Editing by Al Moss"), "Reuters"),
        (Outlet(name="Ledger", text="Officers left. © 2026 The Associated Press. All rights reserved."), "AP"),
        (Outlet(name="Ledger", text="Officers left. (AFP)"), "AFP"),
        (
            Outlet(name="Ledger", text="This story was originally published by Valley Courier. Officers left."),
            "Valley Courier",
        ),
    ],
)
def test_marks_of_origin_are_read(outlet: Outlet, name: str) -> None:
    assert origin([outlet]).name == name


@pytest.mark.parametrize(
    "text",
    [
        "The union chief told the Associated Press that officers left.",
        "Officers left, Reuters reported on Monday, citing records.",
        "The PA system failed, and the AP exam was moved.",
    ],
)
def test_a_mention_of_an_agency_is_no_mark(text: str) -> None:
    assert origin([Outlet(name="Ledger", author="Jo Field", text=text)]).name == ""


def test_an_outlet_s_own_name_in_capitals_is_no_agency() -> None:
    assert origin([Outlet(name="Ledger", author="J. PAPE")]).name == ""


def test_the_origin_that_most_outlets_name_is_shown_with_the_count() -> None:
    outlets = [Outlet(name=f"paper {n}", author="AP") for n in range(5)]
    outlets += [Outlet(name="Ledger", author="Reuters"), Outlet(name="Beacon", author="Staff")]
    assert str(origin(outlets)) == "7 outlets, likely one origin: AP (named by 5 of 7)"


def test_without_marks_the_first_is_the_origin() -> None:
    late = Outlet(name="Ledger", at=datetime(2026, 1, 2, 12, tzinfo=UTC))
    early = Outlet(name="Beacon", at=datetime(2026, 1, 2, 9, tzinfo=UTC))
    assert str(origin([late, early])) == "2 outlets, likely one origin: Beacon (had it first)"


def test_an_official_record_is_the_origin_of_what_the_press_made_of_it() -> None:
    outlets = [Outlet(name="Ledger", author="AP"), Outlet(name="City of Harrow Falls", official=True)]
    assert str(origin(outlets)) == "2 outlets, likely one origin: City of Harrow Falls (official record)"


def test_one_outlet_without_a_mark_has_no_known_origin() -> None:
    assert str(origin([Outlet(name="Ledger", at=datetime(2026, 1, 2, tzinfo=UTC))])) == "1 outlet, origin not known"


def test_an_outlet_that_has_the_story_twice_counts_once() -> None:
    assert origin([Outlet(name="Ledger"), Outlet(name="Ledger")]).outlets == 1
