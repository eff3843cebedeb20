"""One exchange with a relay, as generators: they yield calls and are sent answers; no I/O here."""
