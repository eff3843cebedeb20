"""Lists of people brought in from a spreadsheet: looked at line by line first, then all of it or nothing."""
