"""A relay's address as people copy it: URL, and the fingerprint of a self-signed certificate."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

_FINGERPRINT: Final = re.compile(r"[0-9a-f]{64}")
_HOST: Final = re.compile(r"[\w.:-]+")
_PATH: Final = re.compile(r"[\w./~%-]*", re.ASCII)
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


class BadAddressError(ValueError):
    """Not the address of a relay; `http` is for this computer only."""


@dataclass(frozen=True, slots=True)
class HubAddress:
    """Where a relay is, in one spelling only.

    Attributes:
        url: Lower-case, without default port or trailing slash.
        fingerprint: SHA-256 of its self-signed certificate in hexadecimal, or empty.
    """

    url: str
    fingerprint: str = ""

    @property
    def link(self) -> str:
        """The shortest text that `parse_address` reads back."""
        url = self.url.removeprefix("https://")
        return f"{url}#{self.fingerprint}" if self.fingerprint else url


def is_loopback(host: str) -> bool:
    """Whether a host name is this computer."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def parse_address(text: str) -> HubAddress:
    """Read an address; without a scheme it is `https`.

    Raises:
        BadAddressError: Not an address, or `http` to another computer.
    """
    body, _, fingerprint = text.strip().partition("#")
    fingerprint = fingerprint.lower().removeprefix("sha256=").replace(":", "")
    try:
        parts = urlsplit(body if "://" in body else f"https://{body}")
        port = parts.port
    except ValueError as error:
        raise BadAddressError from error
    host = (parts.hostname or "").lower()
    if (
        parts.scheme not in _DEFAULT_PORTS
        or not _HOST.fullmatch(host)
        or not _PATH.fullmatch(parts.path)
        or parts.username
        or parts.query
        or (fingerprint and not _FINGERPRINT.fullmatch(fingerprint))
        or (parts.scheme == "http" and not is_loopback(host))
    ):
        raise BadAddressError
    shown = f"[{host}]" if ":" in host else host
    suffix = "" if port is None or port == _DEFAULT_PORTS[parts.scheme] else f":{port}"
    return HubAddress(f"{parts.scheme}://{shown}{suffix}{parts.path.rstrip('/')}", fingerprint)
