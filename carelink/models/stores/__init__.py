"""What the vault keeps, by subject: each module reads and writes a few tables of `schema`."""
