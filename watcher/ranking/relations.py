"""Named vocabularies of what a claim may be about: ``relation:`` of a rule may name one, and none is needed.

Each is of two sides; a sentence that has a word of both is what the vocabulary is about. The words are stems of the
field's plain language, written by hand from what reporters, clerks and spokespeople write; they carry over to other
claims less well than what is learnt from examples, which is why a rule has to ask for one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from watcher.judging.topic_words import terms


@dataclass(frozen=True, slots=True)
class RelationWords:
    """Two sides of words, as stems."""

    first: frozenset[str]
    second: frozenset[str]


def _sides(first: str, second: str) -> RelationWords:
    return RelationWords(frozenset(terms(first)), frozenset(terms(second)))


RelationName = Literal["change-of-employer", "charge", "closing", "death", "recall", "revision"]

RELATIONS: Mapping[RelationName, RelationWords] = {
    "change-of-employer": _sides(
        "quit quits quitting resign resigned resignation resignations leave leaves leaving left depart departed "
        "departure former ex previously separated separation separations exit exited traded swap swapped turned "
        "badge retire until renunció renunciaron dejó dejaron",
        "join joined joins joining hired hire hires hiring recruit recruited recruits sworn swore employer "
        "employed employs employment job jobs work works working start started starts accept accepted offer "
        "deputize appointed appointment transfer transferred transfers moved move lateral laterals rehired "
        "academy trabaja trabajan unieron",
    ),
    "closing": _sides(
        "close closed closes closing closure shut shutdown shuttered end ended ends ending discontinue "
        "discontinued cease ceased cancel cancelled canceled abolish abolished terminate terminated phase wind "
        "dissolve dissolved suspend",
        "permanently permanent last final date effective vote voted decision decided decide approved resolution "
        "notice board regents council trustees directors minutes budget no longer",
    ),
    "recall": _sides(
        "recall recalled recalls recalling withdraw withdrawn withdrew withdrawal pulled removed alert advisory "
        "warning notice bulletin ban banned",
        "defect defective contaminated contamination hazard risk unsafe injury injuries illness product products "
        "batch lot lots units vehicles consumers refund stop",
    ),
    "charge": _sides(
        "charge charged charges charging indict indicted indictment arrest arrested arraign arraigned accuse "
        "accused sue sued lawsuit complaint plead pleaded convicted sentenced prosecute prosecuted subpoena "
        "subpoenas investigate investigated investigation probe inquiry",
        "court judge prosecutor prosecutors attorney grand jury count counts felony misdemeanor count offence "
        "offense fraud assault murder conspiracy filed",
    ),
    "revision": _sides(
        "revise revised revision revisions correct corrected correction amend amended restate restated update "
        "recount recounted recalculate adjusted adjustment reclassified withdrawn retract retracted retraction",
        "figure figures number numbers count total rate estimate estimates data statistics percent result results "
        "error errors published earlier previous previously",
    ),
    "death": _sides(
        "died die dies dying dead death deaths killed kill kills fatal fatally fatality drowned drown body bodies "
        "perished deceased succumbed lost",
        "accident accidents crash fall fell fallen overboard struck crushed inquest inquiry coroner injuries "
        "injury hospital victim victims passenger passengers",
    ),
}
