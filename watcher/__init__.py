"""watcher: notices when a published fact-check is about to be overtaken by events."""

__version__ = "0.1.0"
