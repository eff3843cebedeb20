"""One account's encrypted file on one PC: its key, its header, its database, its folder."""
