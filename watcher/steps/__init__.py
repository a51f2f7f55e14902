"""What the steps of `watcher.pipeline` consist of: sifting, keeping, alerting, digests, and how outcomes are noted."""
