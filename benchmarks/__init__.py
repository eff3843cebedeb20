"""Figures against a floor measured in the same run; each module prints one JSON object."""
