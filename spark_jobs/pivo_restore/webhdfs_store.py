"""The archive on HDFS, through WebHDFS with the standard library alone (WebHDFS REST API, Hadoop 2.7 to 3.5; HttpFS too).

Why not Hadoop's own client: PySpark gives it to the driver only. What executors get of it through Spark are whole files
(`binaryFiles`) or records of one length without a remainder, and neither can read a range of a pack.
"""

from __future__ import annotations

import http.client
import json
import posixpath
import ssl
import uuid
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlencode, urlsplit

from .failure import RestoreFailure
from .store import StoreAddress

_TIMEOUT = 60.0
#: How many DataNodes are tried for one read or write.
_DATA_NODES = 3
_PORTS = {"webhdfs": 9870, "swebhdfs": 9871}

#: Kinds by the class of the exception, as archive/webhdfs/failure.ts has them.
_KINDS = {
    "FileAlreadyExistsException": "Exists",
    "AlreadyBeingCreatedException": "Exists",
    "FileNotFoundException": "NotFound",
    "ParentNotDirectoryException": "NotFound",
    "AccessControlException": "StorageReadOnly",
    "SnapshotAccessControlException": "StorageReadOnly",
    "AuthorizationException": "StorageReadOnly",
    "QuotaExceededException": "StorageFull",
    "NSQuotaExceededException": "StorageFull",
    "DSQuotaExceededException": "StorageFull",
    "DiskOutOfSpaceException": "StorageFull",
    "InvalidPathException": "InvalidInput",
    "InvalidToken": "CredentialMissing",
    "AuthenticationException": "CredentialMissing",
}
_STANDBY = ("StandbyException", "ObserverRetryOnActiveException")


class _ConnectionLost(Exception):
    """The connection ended before the answer did."""


class _NoConnection(_ConnectionLost):
    """Nothing was sent."""


@dataclass
class _Answer:
    status: int
    location: str | None
    body: bytes
    #: `host:port` that answered.
    server: str


class WebHdfsStore:
    def __init__(self, address: StoreAddress) -> None:
        url = urlsplit(address.url)
        self._tls = url.scheme == "swebhdfs"
        self._nodes = [node if ":" in node else f"{node}:{_PORTS[url.scheme]}" for node in url.netloc.split(",")]
        self._root = unquote(url.path).rstrip("/")
        self._address = address
        self._context = ssl.create_default_context(cadata=address.ca) if self._tls else None

    def read(self, path: str, offset: int = 0, length: int | None = None) -> bytes:
        if length == 0:
            return b""
        wanted = {"offset": offset, **({} if length is None else {"length": length})}
        try:
            return self._at_data_node("GET", "OPEN", path, wanted).body
        except RestoreFailure as error:
            if offset > 0 and error.kind != "NotFound" and offset >= (self.size(path) or 0):
                return b""  # HDFS refuses a range behind the end
            raise

    def size(self, path: str) -> int | None:
        status = self._status(path)
        return None if status is None or status["type"] != "FILE" else int(status["length"])

    def create(self, path: str, content: bytes | Path) -> None:
        """Written aside, then renamed without replacing (renameoptions=NONE)."""
        if self._status(path) is not None:
            raise _taken(path)
        temporary = posixpath.join(posixpath.dirname(path), f".tmp-{uuid.uuid4()}")
        try:
            self._at_data_node("PUT", "CREATE", temporary, {"overwrite": "false", "createparent": "true", "permission": "444"}, content)
            length = len(content) if isinstance(content, bytes) else content.stat().st_size
            written = self._status(temporary)
            if written is None or written["length"] != length:
                raise RestoreFailure("StorageUnavailable", f"CREATE {path}: HDFS has {written and written['length']} of {length} bytes", path=path)
            self._give_name(temporary, path, written)
        except RestoreFailure:
            self._discard(temporary)
            raise

    def _give_name(self, temporary: str, path: str, written: dict[str, Any]) -> None:
        """Renames, and looks whether it is there: an answer may be lost, and HttpFS knows no `renameoptions`."""
        try:
            self._at_name_node("PUT", "RENAME", temporary, {"destination": self._full(path), "renameoptions": "NONE"})
            problem = RestoreFailure("StorageUnavailable", f"{temporary} was renamed to {path}, and is not there", path=path)
        except RestoreFailure as error:
            problem = error
        there = self._status(path)
        if there is None:
            raise problem
        same = there["fileId"] == written["fileId"] if "fileId" in there and "fileId" in written else self._status(temporary) is None
        if not same:
            raise _taken(path)
        if there.get("permission") != "444" and (answer := self._at_name_node("PUT", "SETPERMISSION", path, {"permission": "444"})).status != 200:
            raise RestoreFailure("StorageUnavailable", f"SETPERMISSION {path} at {answer.server}: HTTP {answer.status}", path=path)

    def _discard(self, temporary: str) -> None:
        """Removes a write of its own that did not come to its end; what stays has a name that no reader sees."""
        with suppress(RestoreFailure):
            self._at_name_node("DELETE", "DELETE", temporary, {"recursive": "false"})

    def _status(self, path: str) -> dict[str, Any] | None:
        try:
            status: dict[str, Any] = json.loads(self._at_name_node("GET", "GETFILESTATUS", path, {}).body)["FileStatus"]
            return status
        except RestoreFailure as error:
            if error.kind == "NotFound":
                return None
            raise
        except (ValueError, KeyError) as error:
            raise RestoreFailure("StorageUnavailable", f"GETFILESTATUS {path}: the answer is none of WebHDFS", path=path) from error

    def _at_name_node(self, method: str, operation: str, path: str, query: dict[str, Any]) -> _Answer:
        """Asks the active NameNode: the next one when that is standby or cannot be reached."""
        for node in list(self._nodes):
            try:
                answer = self._exchange(method, node, self._target(operation, path, query))
            except _ConnectionLost as error:
                problem = RestoreFailure("StorageUnavailable", f"{operation} {path} at {node}: {error}", path=path)
            else:
                if answer.status < 400:
                    return answer
                exception, failure = _refusal(operation, path, answer)
                if exception not in _STANDBY:
                    raise failure
                problem = failure
            self._nodes.append(self._nodes.pop(0))
        raise problem

    def _at_data_node(self, method: str, operation: str, path: str, query: dict[str, Any], content: bytes | Path | None = None) -> _Answer:
        """Two steps: the NameNode says which DataNode, that one does it; one that cannot be reached is left for another, but may have begun a write."""
        lost: list[str] = []
        while True:
            exclude = {"excludedatanodes": ",".join(lost)} if lost else {}
            first = self._at_name_node(method, operation, path, {**query, **exclude})
            if first.location is None:
                if first.status == 200 and content is None:
                    return first  # HttpFS does it itself
                raise RestoreFailure("StorageUnavailable", f"{operation} {path} at {first.server}: HTTP {first.status} instead of a redirect", path=path)
            url = self._allowed(first.location, operation, path)
            try:
                answer = self._exchange(method, url.netloc, f"{url.path}?{url.query}", content)
            except _ConnectionLost as error:
                lost.append(url.hostname or "")
                if len(lost) >= _DATA_NODES or (content is not None and not isinstance(error, _NoConnection)):
                    raise RestoreFailure("StorageUnavailable", f"{operation} {path} at {url.netloc}: {error}", path=path) from error
                continue
            if answer.status >= 400:
                raise _refusal(operation, path, answer)[1]
            return answer

    def _allowed(self, location: str, operation: str, path: str) -> Any:
        """A redirect may not leave TLS, nor lead to a host that is not configured."""
        url = urlsplit(location)
        host = url.hostname or ""
        listed = not self._address.datanodes or url.netloc in self._nodes or any(host.endswith(name) if name.startswith(".") else name in (url.netloc, host) for name in self._address.datanodes)
        if not listed or url.scheme != ("https" if self._tls else "http"):
            hint = "Add the host to webhdfs.datanodes in config.toml if it is one of the cluster."
            raise RestoreFailure("UrlRefused", f"{operation} {path}: redirected to {url.scheme}://{url.netloc}", hint, path=path)
        return url

    def _full(self, path: str) -> str:
        return f"{self._root}/{path}"

    def _target(self, operation: str, path: str, query: dict[str, Any]) -> str:
        who = {"delegation": self._address.token} if self._address.token else {"user.name": self._address.user} if self._address.user else {}
        return f"/webhdfs/v1{quote(self._full(path))}?{urlencode({'op': operation, **query, **who})}"

    def _exchange(self, method: str, server: str, target: str, content: bytes | Path | None = None) -> _Answer:
        """One request over a connection of its own, its answer read to the end."""
        # the MiB is for the body of an upload; http.client sends 8 KiB at a time otherwise
        connection: http.client.HTTPConnection
        if self._context is None:
            connection = http.client.HTTPConnection(server, timeout=_TIMEOUT, blocksize=1 << 20)
        else:
            connection = http.client.HTTPSConnection(server, timeout=_TIMEOUT, blocksize=1 << 20, context=self._context)
        try:
            _connect(connection)
            if isinstance(content, Path):
                with content.open("rb") as body:
                    headers = {"Content-Type": "application/octet-stream", "Content-Length": str(content.stat().st_size)}
                    connection.request(method, target, body=body, headers=headers)
                    return _answer(connection, server)
            connection.request(method, target, body=content, headers={"Content-Type": "application/octet-stream"} if content is not None else {})
            return _answer(connection, server)
        except (OSError, http.client.HTTPException) as error:
            raise _ConnectionLost(str(error) or type(error).__name__) from error
        finally:
            connection.close()


def _connect(connection: http.client.HTTPConnection) -> None:
    try:
        connection.connect()
    except OSError as error:
        raise _NoConnection(str(error) or type(error).__name__) from error


def _answer(connection: http.client.HTTPConnection, server: str) -> _Answer:
    answer = connection.getresponse()
    return _Answer(answer.status, answer.headers.get("Location"), answer.read(), server)


def _taken(path: str) -> RestoreFailure:
    return RestoreFailure("Exists", f"{path} is in the archive already", path=path)


def _refusal(operation: str, path: str, answer: _Answer) -> tuple[str, RestoreFailure]:
    """Hadoop's exception by name, and what it means."""
    try:
        remote = json.loads(answer.body)["RemoteException"]
        exception = str(remote.get("javaClassName") or remote["exception"]).replace("$", ".").rsplit(".", 1)[-1]
        said = f"{exception}: {str(remote['message']).splitlines()[0][:500]}"
    except (ValueError, KeyError, TypeError, IndexError):
        exception, said = "", f"HTTP {answer.status}"
    kind = _KINDS.get(exception) or ("CredentialMissing" if answer.status == 401 else "InvalidInput" if answer.status in (400, 405) else "StorageUnavailable")
    return exception, RestoreFailure(kind, f"{operation} {path} at {answer.server}: {said}", path=path)
