"""Personnes: everyone this account helps to care for."""
