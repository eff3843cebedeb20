"""What a person can do: one module an activity; the only door from the screens to what lies below."""
