"""The command line: the same services as the screens, for IT staff, scripts and end-to-end tests."""
