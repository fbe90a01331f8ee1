"""From a path of Hadoop's own client to WebHDFS: where the NameNodes of an `hdfs://` URL answer HTTP."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from .failure import RestoreFailure

#: A property of Hadoop's configuration, or None.
Lookup = Callable[[str], str | None]


def to_webhdfs(url: str, lookup: Lookup) -> str:
    """`hdfs://nameservice/path`, `hdfs://host:port/path` or `hdfs:///path` as a WebHDFS URL; other URLs as they are. Fails with InvalidInput."""
    parts = urlsplit(url)
    if parts.scheme != "hdfs":
        return url
    authority = parts.netloc or urlsplit(lookup("fs.defaultFS") or "").netloc
    if not authority:
        raise RestoreFailure("InvalidInput", f"{url} names no NameNode, and there is no fs.defaultFS", "Set HADOOP_CONF_DIR, or give hdfs://namenode/path.")
    tls = lookup("dfs.http.policy") == "HTTPS_ONLY"
    key = f"dfs.namenode.{'https' if tls else 'http'}-address"
    if authority in _words(lookup("dfs.nameservices")):
        ids = _words(lookup(f"dfs.ha.namenodes.{authority}"))
        nodes = [lookup(f"{key}.{authority}.{node}") for node in ids] if ids else [lookup(f"{key}.{authority}")]
    else:
        host = authority.rsplit(":", 1)[0]
        nodes = [(lookup(key) or f"{host}:{9871 if tls else 9870}").replace("0.0.0.0:", f"{host}:")]
    known = [node for node in nodes if node]
    if not known:
        raise RestoreFailure("InvalidInput", f"Hadoop's configuration has no {key} for {authority}", "Set HADOOP_CONF_DIR to the cluster's client configuration.")
    return f"{'swebhdfs' if tls else 'webhdfs'}://{','.join(known)}{parts.path}"


def _words(value: str | None) -> list[str]:
    return [word.strip() for word in (value or "").split(",") if word.strip()]
