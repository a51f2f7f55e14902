"""All SQL of watcher: tables, leases, migrations. Knows nothing of watcher."""
