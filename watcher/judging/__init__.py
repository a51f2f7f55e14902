"""How much an item bears on a published verdict, and which items tell the same story. All pure."""

from watcher.judging.copies import BOILERPLATE_STORIES, MIN_SHARED, Kinship, Relation, StoryText, fingerprint, relate
from watcher.judging.cues import Cue, CueKind, cues, denial_signature
from watcher.judging.idf import Idf
from watcher.judging.judge import Attention, Case, Judge, Novelty, attention, is_near_miss
from watcher.judging.labels import Passage, label, matched_passage
from watcher.judging.origin import Origin, Outlet, origin
from watcher.judging.topic_words import terms
from watcher.judging.verdicts import VerdictWeights, verdict_weights

__all__ = [
    "BOILERPLATE_STORIES",
    "MIN_SHARED",
    "Attention",
    "Case",
    "Cue",
    "CueKind",
    "Idf",
    "Judge",
    "Kinship",
    "Novelty",
    "Origin",
    "Outlet",
    "Passage",
    "Relation",
    "StoryText",
    "VerdictWeights",
    "attention",
    "cues",
    "denial_signature",
    "fingerprint",
    "is_near_miss",
    "label",
    "matched_passage",
    "origin",
    "relate",
    "terms",
    "verdict_weights",
]
