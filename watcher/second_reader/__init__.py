"""The second reader: a language model that is asked a rule's own question about an item. Optional, off by default.

It only adds: its *yes* has an item told at once, its certain *no* has one told a tier later, and nothing that is told
without it is missing with it (`effect`). It is never waited for longer than five seconds, and asked no more than the
settings allow in a day.
"""
