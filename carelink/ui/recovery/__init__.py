"""The recovery sheet on screen: making it, printing it, checking it, starting again from it."""
