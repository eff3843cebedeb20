"""CareLink: one cahier de liaison, agenda and messages per person cared for."""

__version__ = "0.1.0"
