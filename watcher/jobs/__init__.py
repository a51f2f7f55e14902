"""What runs by the clock: digests, proofs of life, reminders, housekeeping, health."""
