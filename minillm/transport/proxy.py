"""Which proxy the environment names for a destination.

aiohttp's own ``trust_env`` asks a thread for it at each request, twice, and takes passwords from ``~/.netrc``
on the way, which fail any request that has an ``Authorization`` header. So it is off, and this is asked once a host.
"""

from collections.abc import Mapping
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from ..errors import ConfigurationError
from .egress import Destination

__all__ = ["environment_proxies", "proxy_for"]


def environment_proxies() -> dict[str, str]:
    """``HTTP_PROXY``, ``HTTPS_PROXY`` and ``ALL_PROXY`` in either case, or the system's settings where it has some."""
    proxies = getproxies()
    return {scheme: proxies[scheme] for scheme in ("http", "https", "all") if proxies.get(scheme)}


def proxy_for(target: Destination, proxies: Mapping[str, str]) -> str | None:
    """The URL of the proxy for ``target``, or None for a direct connection.

    This machine is never asked for through a proxy: a proxy has another loopback, and would read the key.

    Raises:
        ConfigurationError: the proxy is not of a kind that can be spoken to.
    """
    proxy = proxies.get(target.scheme) or proxies.get("all")
    if proxy is None or target.loopback or proxy_bypass(str(target)):
        return None
    if "://" not in proxy:
        proxy = f"http://{proxy}"
    try:
        parts = urlsplit(proxy)
        scheme, readable = parts.scheme.lower(), bool(parts.hostname) and parts.port != 0
    except ValueError:
        scheme, readable = "", False
    if not readable:
        raise ConfigurationError(f"the environment names a proxy for {target} that is no URL: http://host:port is one")
    if scheme not in ("http", "https"):
        raise ConfigurationError(
            f"the environment names a {scheme} proxy for {target}, and only http and https proxies are spoken: "
            f"set {target.scheme.upper()}_PROXY to one of those, add the host to NO_PROXY, "
            "or give AiohttpTransport a session whose connector speaks it"
        )
    return proxy
