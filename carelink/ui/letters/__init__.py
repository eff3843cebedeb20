"""Invitation letters on paper."""
