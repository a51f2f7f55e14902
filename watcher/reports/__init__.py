"""What the database says: status, and evidence as a WARC file."""
