"""The vault: SQLCipher through SQLAlchemy, its tables, search and migrations."""
