"""What is shared: typed records, their validation, order and merge rules. Pure."""
