"""The impact of items, to the digit. Change a golden file only together with a decision that impact changes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from watcher.judging import Case, Idf, Judge, Novelty
from watcher.model import Bearing, Claim, Impact
from watcher.text.lead import lead

GOLDEN = Path(__file__).with_name("golden")
FIXTURE = Path(__file__).parents[2] / "bench" / "fixtures"
RATINGS = ("No evidence", "Unverified", "Half true", "False", "True")
HITS = (None, Bearing.CONTEXT, Bearing.AGAINST)

QUITTING = "Harrow Falls police officers quit to join the border patrol"
NEVER = "No passenger of the Vell ferry has ever been killed"
TEXTS = (
    ("Two Harrow Falls officers quit to join the border patrol", "Personnel records show both left in May."),
    ("Harrow Falls officers joined border patrol, records show", "The city released 40 pages on Monday."),
    ("Did Harrow Falls police officers quit to join the border patrol?", "Posts say so. We looked at the records."),
    ("Fact check: Have Harrow Falls officers joined the border patrol?", "No officer has, the city says."),
    ("Harrow Falls chief asked whether officers quit for the border patrol", "He said he would look into it."),
    ("It is unclear if Harrow Falls officers joined the border patrol", "The department did not respond."),
    ("No, Harrow Falls officers did not quit to join the border patrol", "The rumor is false, the chief said."),
    ("Harrow Falls chief denies that officers joined the border patrol", "He called the report baseless."),
    ("Union disputes that Harrow Falls police quit for the border patrol", "It knows of one such officer."),
    ("Harrow Falls officers may leave for the border patrol", "Sources say that four have applied."),
    ("Four Harrow Falls officers reportedly joined the border patrol", "A person familiar with it said so."),
    ("Rumor: Harrow Falls officers quit for the border patrol", "The claim was seen on social media."),
    ("Border patrol hires 12 in Harrow Falls", "Eleven of them had been police officers, the patrol announced."),
    ("Harrow Falls police buy new cars", "Officers did not ask for them, the chief said."),
    ("Chief of Harrow Falls police to resign", "He will not join the border patrol. An audit begins in June."),
    ("¿Se unieron policías de Harrow Falls a la patrulla fronteriza?", "El jefe lo niega."),
    ("Woman killed on the Vell ferry, inquest is told", "The ferry line never reported the accident."),
    ("Ferry line: no passenger of the Vell ever killed", "Its records list no death."),
    ("Was a passenger killed on the Vell ferry?", "An engineer claims that one was."),
    ("Vell ferry is late again", "Passengers waited for two hours."),
)


def judge_of(claims: dict[str, str]) -> Judge:
    return Judge(
        [Claim(id=key, claim_reviewed=text, rating="", rules=()) for key, text in claims.items()], Idf.shipped()
    )


def impacts(judge: Judge, claim: str, case: Case) -> Iterator[Impact]:
    topic = judge.topics(title=case.title, text=case.text).get(claim, 0.0)
    for rating in RATINGS:
        for hit in HITS:
            yield judge.impact(claim, case, topic=topic, rating=rating, hit=hit)


def told(title: str, text: str) -> Case:
    return Case(title=title, lead=lead("", text), text=text)


def digest(judge: Judge, items: Iterable[tuple[str, str, str]]) -> str:
    """Return one digest of everything that is judged about items: (claim, title, text)."""
    hashed = hashlib.sha256()
    for claim, title, text in items:
        for impact in impacts(judge, claim, told(title, text)):
            hashed.update(repr((impact.score, impact.direction, impact.reasons, impact.spans)).encode())
    return hashed.hexdigest()


def test_impact_and_direction_of_invented_texts_stay_to_the_digit() -> None:
    judge = judge_of({"quitting": QUITTING, "never": NEVER})
    lines = []
    for title, text in TEXTS:
        claim = "never" if "ferry" in title.lower() else "quitting"
        for kind in ("press", "official", "copy"):
            novelty = Novelty.COPY if kind == "copy" else Novelty.NEW
            case = replace(told(title, text), official=kind == "official", novelty=novelty)
            found = list(impacts(judge, claim, case))
            directions = "/".join(dict.fromkeys(impact.direction for impact in found))
            lines.append(f"{' '.join(f'{impact.score:3}' for impact in found)}  {kind} {directions}: {title}")
    assert lines == (GOLDEN / "impacts.txt").read_text(encoding="utf-8").splitlines()


def test_impact_of_the_bench_items_stays_to_the_digit() -> None:
    claims = {claim["id"]: claim["claimReviewed"] for claim in rows(FIXTURE / "claims.jsonl")}
    items = [
        (item["claim"], item["title"], item["text"]) for item in rows(FIXTURE / "items.jsonl")[::3] if item.get("claim")
    ]
    assert digest(judge_of(claims), items) == FIXTURE_DIGEST


def test_impact_of_labelled_items_stays_to_the_digit(shared_data: Path) -> None:
    folder = shared_data / "evalset"
    claims = {path.stem: json.loads(path.read_text())["claimReviewed"] for path in sorted(folder.glob("claims/*.json"))}
    items = [(item["claim"], item["title"], item["text"] or "") for item in rows(folder / "items.jsonl")]
    assert digest(judge_of(claims), items) == LABELLED_DIGEST


def rows(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


FIXTURE_DIGEST = "4b1df1dc9d1fed81ded9aa834c7d162befc0a0ecef535b88a5d4980568be2d32"
LABELLED_DIGEST = "7b551e2f5a1391b52d04320798605f4a3ab6be587400bec70aafefca4ac2077b"
