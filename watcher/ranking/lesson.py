"""What a rule learnt, as text: what is stored, so that a restart and every worker rank the same."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict

from watcher.ranking.logistic import Linear
from watcher.ranking.meaning import Meaning
from watcher.ranking.ranker import Trained
from watcher.ranking.subject import Subject
from watcher.ranking.syllabus import Syllabus
from watcher.ranking.training import MAX_EXAMPLES, LeftOut, Lesson

_VERSION = 1
"""To be raised with every change of what is learnt: then all rules learn again."""


def digest(syllabus: Syllabus, model: str = "") -> bytes:
    """Return a digest of all that a rule is taught with, but for the ordinary items.

    ``model``: the name of the model by which it learns what passages mean; empty without one.
    """
    taught = json.dumps([_VERSION, model, asdict(syllabus)], sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(taught.encode()).digest()


def written(lesson: Lesson) -> str:
    """Return a lesson as JSON, always the same for the same."""
    trained = lesson.trained
    content = {
        "subject": asdict(trained.subject),
        "likeness": asdict(trained.likeness),
        "like": trained.like,
        "floor": trained.floor,
        "now_at": trained.now_at,
        "meaning": None if trained.meaning is None else asdict(trained.meaning),
        "left_out": [[each.score, each.misplaced] for each in lesson.left_out],
    }
    return json.dumps(content, sort_keys=True)


def read(content: str, syllabus: Syllabus) -> Lesson:
    """Return the lesson that `written` wrote, of a rule that is taught with the same."""
    stored = json.loads(content)
    meaning = stored["meaning"]
    trained = Trained(
        subject=Subject(**stored["subject"]),
        likeness=Linear(**stored["likeness"]),
        likeness_share=syllabus.likeness_share,
        lists=syllabus.lists,
        relation=syllabus.relation,
        like=tuple(stored["like"]),
        floor=stored["floor"],
        now_at=stored["now_at"],
        meaning=None if meaning is None else Meaning(**meaning | {"likeness": Linear(**meaning["likeness"])}),
    )
    examples = syllabus.examples[-MAX_EXAMPLES:]
    left_out = (LeftOut(example, *scored) for example, scored in zip(examples, stored["left_out"], strict=True))
    return Lesson(trained, tuple(left_out))
