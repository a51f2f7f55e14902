"""What ranking costs with 1,000 claims: an item that is near to none of them, one that is, and the ranker itself."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Iterator, Sequence
from itertools import cycle, islice, pairwise

from recall_data import Claim, News, texts
from recall_systems import learnt, syllabus_of

from watcher.judging.idf import Idf
from watcher.ranking.logistic import Linear
from watcher.ranking.ranked_text import RankedText
from watcher.ranking.ranker import Ranker, Trained
from watcher.ranking.subject import Subject, Subjects
from watcher.ranking.syllabus import Example, Syllabus
from watcher.ranking.training import idf_of
from watcher.text.sentences import sentence_spans

CLAIMS = 1000
ITEMS = 60
_POSITIVE, _NEGATIVE = 6, 12
_LISTED_WORDS = 5


def print_cost(claims: Sequence[Claim], news: News) -> None:
    """Print CPU time and memory; what the synthetic claims learnt is lent by those of the set."""
    warm_up = texts(news.warm_up)
    idf = idf_of(warm_up)
    _, lessons = learnt({claim.id: syllabus_of(claim) for claim in claims}, warm_up)
    lent = [lesson.trained for lesson in lessons.values()]
    stories = [text for text in texts([*news.scored, *news.rest]) if len(text.text) > 1000]
    syllabuses = [_syllabus(story, other) for story, other in islice(pairwise(stories), CLAIMS)]
    began = time.process_time()
    ranker = _ranker(syllabuses, lent, idf)
    print(f"\n{len(syllabuses):,} synthetic claims: ready in {time.process_time() - began:.1f} s of CPU time", end="")
    tracemalloc.start()
    kept = _ranker(syllabuses, lent, idf)
    print(f", {tracemalloc.get_traced_memory()[0] / 2**20 * 1000 / len(kept.rules):.0f} MB for 1,000")
    tracemalloc.stop()
    _print_times(ranker, texts(news.scored[-ITEMS:]))


def _print_times(ranker: Ranker[int], items: Sequence[RankedText]) -> None:
    index = Subjects.indexed({key: trained.subject for key, trained in ranker.rules.items()})
    began = time.process_time()
    for item in items:
        index.scores(item)
    looked_up = time.process_time() - began
    began = time.process_time()
    near = sum(len(ranker.rank(item)) for item in items)
    compared = max(0.0, time.process_time() - began - looked_up)
    print(f"an item, all claims that it is not near to: {looked_up / len(items) * 1000:.2f} ms")
    print(
        f"a claim that it is near to: {compared / max(1, near) * 1000:.2f} ms; {near / len(items):.1f} claims an item"
    )


def _ranker(syllabuses: Sequence[Syllabus], lent: Sequence[Trained], idf: Idf) -> Ranker[int]:
    rules = {}
    for key, (syllabus, learnt_before) in enumerate(zip(syllabuses, cycle(lent), strict=False)):
        likeness = Linear(dict(learnt_before.likeness.weights), learnt_before.likeness.bias)
        subject = Subject.of(syllabus.about, idf)
        share = syllabus.likeness_share
        rules[key] = Trained(subject, likeness, share, syllabus.lists, None, learnt_before.floor, learnt_before.now_at)
    return Ranker.of(rules, idf)


def _syllabus(story: RankedText, other: RankedText) -> Syllabus:
    """Return a claim about a story: words and sentences of it as the editor's part, another's as what is not meant."""
    words = [word for word in story.text.split() if word.isalpha() and len(word) > 4]
    lists = {"where": tuple(words[:_LISTED_WORDS]), "what": tuple(words[_LISTED_WORDS : 2 * _LISTED_WORDS])}
    examples = [Example(RankedText(text), positive=True) for text in islice(_sentences(story), _POSITIVE)]
    examples += [Example(RankedText(text), positive=False) for text in islice(_sentences(other), _NEGATIVE)]
    return Syllabus(story.title, lists, tuple(examples))


def _sentences(story: RankedText) -> Iterator[str]:
    for start, end in sentence_spans(story.text):
        yield story.text[start:end]
