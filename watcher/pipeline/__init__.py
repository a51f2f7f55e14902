"""The way of an item from a poll to a sent alert; `watcher.pipeline.pipeline` shows it from top to bottom."""
