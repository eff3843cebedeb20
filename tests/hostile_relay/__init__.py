"""A relay that lies: it stands before a real one and attacks whoever talks through it.

    python -m tests.hostile_relay --attack NAME --upstream URL [--port P] [--skip N]
                                  [--part ciphertext|header|signature] [--home DIR]

It prints {"url"} when it is ready. It holds no keys: it keeps what it saw, and changes, withholds,
repeats or invents what it passes on. `--home` (with CARELINK_PASSPHRASE) makes a member its accomplice,
whose keys sign what only a member can sign: a true fork, an envelope under a wrong epoch.
"""
