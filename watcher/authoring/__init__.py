"""What helps people write rule files and sources: check, try, explain, probe, replay."""
