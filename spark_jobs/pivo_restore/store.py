"""Port Store: what the job asks of the archive. Executors open it themselves, each task its own."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import ParamSpec, Protocol, TypeVar
from urllib.parse import unquote, urlsplit

from .failure import PASSING, RestoreFailure

Result = TypeVar("Result")
Arguments = ParamSpec("Arguments")

#: Seconds between two tries.
PAUSES = (0.5, 1.0)


@dataclass(frozen=True)
class StoreAddress:
    """How to reach the archive; travels to executors inside Spark's own messages, so that no secret is in a command line."""

    #: `file:///path`, or `webhdfs://host:port[,host:port]/path` (`swebhdfs` for TLS).
    url: str
    user: str | None = None
    #: A delegation token in its URL-safe form.
    token: str | None = None
    #: PEM of the certificates that the cluster's TLS is signed by.
    ca: str | None = None
    #: Hosts, `host:port` or `.suffix` that redirects may lead to; none: any.
    datanodes: tuple[str, ...] = ()


class Store(Protocol):
    """Paths are relative to the archive's root. Every method fails with RestoreFailure."""

    def read(self, path: str, offset: int = 0, length: int | None = None) -> bytes:
        """These bytes, fewer where the file ends before. Fails with NotFound."""
        ...

    def size(self, path: str) -> int | None:
        """Length of a file in bytes, or None when it is not there."""
        ...

    def create(self, path: str, content: bytes | Path) -> None:
        """A new read-only file, whole or not at all, from bytes or a local file. Fails with Exists when the name is taken."""
        ...


def open_store(address: StoreAddress) -> Store:
    """Fails with InvalidInput for a URL that no adapter knows."""
    url = urlsplit(address.url)
    if url.scheme == "file":
        from .local_store import LocalStore

        return LocalStore(Path(unquote(url.path)))
    if url.scheme in ("webhdfs", "swebhdfs"):
        from .webhdfs_store import WebHdfsStore

        return WebHdfsStore(address)
    raise RestoreFailure("InvalidInput", f"no adapter for a store at {url.scheme}://…", "Use file:///path, webhdfs://namenode:9870/path or hdfs://namenode/path.")


def put(store: Store, path: str, content: bytes | Path) -> None:
    """Creates a file, or accepts the one that is there when it has the same bytes. Fails with Damaged when it has others."""
    try:
        store.create(path, content)
    except RestoreFailure as error:
        if error.kind != "Exists":
            raise
        if _sha256_stored(store, path) != (hashlib.sha256(content).hexdigest() if isinstance(content, bytes) else sha256_of(content)):
            raise RestoreFailure("Damaged", f"{path} is there with other bytes", "Start the restore again under another id.", path=path) from error


def sha256_of(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _sha256_stored(store: Store, path: str, piece: int = 8 * 2**20) -> str:
    digest = hashlib.sha256()
    length = store.size(path) or 0
    for offset in range(0, length, piece):
        digest.update(store.read(path, offset, min(piece, length - offset)))
    return digest.hexdigest()


def patiently(act: Callable[Arguments, Result], *arguments: Arguments.args, **named: Arguments.kwargs) -> Result:
    """Calls `act` with the arguments, again after a pause where that may help, since Spark's own retries would repeat a whole task."""
    for pause in PAUSES:
        try:
            return act(*arguments, **named)
        except RestoreFailure as error:
            if error.kind not in PASSING:
                raise
            time.sleep(pause)
    return act(*arguments, **named)
