"""The relay's own address, in the one form that signatures cover."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

_DEFAULT_PORTS = {"http": 80, "https": 443}


def is_loopback(host: str) -> bool:
    """Tell whether a host name or address stays on this machine."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def canonical_address(url: str) -> str:
    """Return a URL with scheme and host in lower case, without default port or trailing slash.

    Raises:
        ValueError: Not an http or https URL with a host.
    """
    parts = urlsplit(url.strip())
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("not the address of a relay")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    port = "" if parts.port in {None, _DEFAULT_PORTS[parts.scheme]} else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}{parts.path.rstrip('/')}"


def host_of(url: str) -> str:
    """Return the host of a canonical address."""
    return urlsplit(url).hostname or ""


def same_relay(claimed: str, own: str, listens_on_loopback: bool) -> bool:
    """Tell whether a device that signed `claimed` meant the relay at `own`.

    A relay on loopback is also reached through tunnels and local proxies, under other ports.
    """
    try:
        address = canonical_address(claimed)
    except ValueError:
        return False
    if address == own:
        return True
    return listens_on_loopback and address.startswith("http://") and is_loopback(host_of(address))
