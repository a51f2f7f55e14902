"""How likely an item is what a rule looks for, learnt from a few examples: no phrases, no model, nothing required.

The words of the claim, its lists and its examples are evidence that adds up (``subject``); how the item's sentences
resemble the examples is learnt by logistic regression (``likeness``). Their sum ranks the items of a day. The stream
that is watched sets the floor below which nothing is shown, and the rule's own examples the score that is told at
once (``training``). No feature is a length, a date or a position in the stream: they would tell the sets that were
used in development apart, and nothing else.
"""
