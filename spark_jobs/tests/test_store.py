"""The archive as executors reach it: on a file system, and on HDFS behind a server that misbehaves."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from pivo_restore import store as store_module
from pivo_restore.failure import RestoreFailure
from pivo_restore.hadoop_names import to_webhdfs
from pivo_restore.local_store import LocalStore
from pivo_restore.scratch import scratch_folder
from pivo_restore.store import StoreAddress, open_store, patiently, put


def test_a_file_is_written_once_and_read_only(tmp_path: Path):
    store = LocalStore(tmp_path)
    store.create("a/b", b"one")
    with pytest.raises(RestoreFailure) as failed:
        store.create("a/b", b"two")
    assert failed.value.kind == "Exists"
    assert (store.read("a/b"), store.read("a/b", 1, 1), store.size("a/b"), store.size("a/c")) == (b"one", b"n", 3, None)
    assert (tmp_path / "a/b").stat().st_mode & 0o777 == 0o444
    assert [file.name for file in (tmp_path / "a").iterdir()] == ["b"]


def test_put_accepts_the_same_bytes_and_no_others(tmp_path: Path):
    store = LocalStore(tmp_path)
    put(store, "x", b"one")
    put(store, "x", b"one")
    (tmp_path / "local").write_bytes(b"one")
    put(store, "x", tmp_path / "local")
    with pytest.raises(RestoreFailure, match="other bytes"):
        put(store, "x", b"two")


def test_what_may_pass_is_tried_again_and_what_cannot_is_not(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(store_module, "PAUSES", (0.0, 0.0))
    tries: list[str] = []

    def fail(kind: str, times: int) -> str:
        tries.append(kind)
        if len(tries) <= times:
            raise RestoreFailure(kind, "no")
        return "done"

    assert patiently(fail, "StorageUnavailable", 2) == "done"
    tries.clear()
    with pytest.raises(RestoreFailure):
        patiently(fail, "NotFound", 1)
    assert len(tries) == 1


def test_an_unknown_scheme_is_refused():
    with pytest.raises(RestoreFailure, match="no adapter"):
        open_store(StoreAddress("s3://bucket"))


@pytest.mark.parametrize(
    ("url", "properties", "webhdfs"),
    [
        ("file:///a", {}, "file:///a"),
        ("hdfs://nn:8020/pivo", {}, "webhdfs://nn:9870/pivo"),
        ("hdfs:///pivo", {"fs.defaultFS": "hdfs://nn:8020"}, "webhdfs://nn:9870/pivo"),
        ("hdfs://nn/pivo", {"dfs.namenode.http-address": "0.0.0.0:50070"}, "webhdfs://nn:50070/pivo"),
        (
            "hdfs://ha/pivo",
            {"dfs.nameservices": "ha", "dfs.ha.namenodes.ha": "a,b", "dfs.namenode.http-address.ha.a": "n1:9870", "dfs.namenode.http-address.ha.b": "n2:9870"},
            "webhdfs://n1:9870,n2:9870/pivo",
        ),
        ("hdfs://nn/pivo", {"dfs.http.policy": "HTTPS_ONLY"}, "swebhdfs://nn:9871/pivo"),
    ],
)
def test_an_hdfs_url_becomes_that_of_its_name_nodes(url: str, properties: dict[str, str], webhdfs: str):
    assert to_webhdfs(url, properties.get) == webhdfs


@pytest.mark.parametrize(
    ("environment", "configured", "folder"),
    [
        ({"LOCAL_DIRS": "/y1,/y2", "SPARK_LOCAL_DIRS": "/s"}, None, "/y1"),
        ({"SPARK_EXECUTOR_DIRS": "/e1:/e2", "SPARK_LOCAL_DIRS": "/s"}, None, "/e1"),
        ({"SPARK_LOCAL_DIRS": "/s"}, "/c", "/s"),
        ({}, "/c", "/c"),
    ],
)
def test_ranges_lie_where_spark_keeps_its_own_temporary_files(environment: dict[str, str], configured: str | None, folder: str):
    assert scratch_folder(environment, "app-1", configured) == Path(folder) / "pivo-restore-app-1"


class FakeHdfs:
    """Two NameNodes, the first on standby, and a DataNode that can be made to fail; keeps files in a dictionary."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {"/pivo/a": b"0123456789"}
        self.asked: list[str] = []
        self.lose_rename_answer = False
        self.permission = "444"
        #: How many answers to a write never come.
        self.lose_create_answers = 0
        self.cut = False
        self.servers = [self._serve("standby"), self._serve("active"), self._serve("data")]

    def _serve(self, role: str) -> ThreadingHTTPServer:
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: object) -> None:
                pass

            def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def refuse(self, exception: str) -> None:
                self.answer(403, json.dumps({"RemoteException": {"exception": exception, "javaClassName": f"org.apache.{exception}", "message": "no\n\tat stack"}}).encode())

            def handle_any(self) -> None:
                url = urlsplit(self.path)
                query = {name: values[0] for name, values in parse_qs(url.query).items()}
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                fake.asked.append(f"{role} {query['op']}")
                fake.handle(self, role, url.path.removeprefix("/webhdfs/v1"), query, body)

            do_GET = do_PUT = do_DELETE = handle_any

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return server

    def address(self, role: int) -> str:
        return f"127.0.0.1:{self.servers[role].server_port}"

    def handle(self, http, role: str, path: str, query: dict[str, str], body: bytes) -> None:
        if role == "standby":
            http.refuse("StandbyException")
        elif query["op"] in ("OPEN", "CREATE") and role == "active":
            if query["op"] == "OPEN" and path not in self.files:
                http.refuse("FileNotFoundException")
            else:
                http.answer(307, Location=f"http://{self.address(2)}{http.path}")
        elif query["op"] == "OPEN":
            content = self.files[path][int(query.get("offset", 0)) :][: int(query.get("length", 10**9))]
            http.answer(200, content[:1] if self.cut else content)
        elif query["op"] == "CREATE":
            self.create(http, path, body)
        elif query["op"] == "GETFILESTATUS":
            if path in self.files:
                http.answer(200, json.dumps({"FileStatus": {"type": "FILE", "length": len(self.files[path]), "permission": self.permission}}).encode())
            else:
                http.refuse("FileNotFoundException")
        elif query["op"] == "RENAME":
            self.rename(http, path, query["destination"])
        elif query["op"] == "SETPERMISSION":
            http.answer(307, Location="/login")
        elif query["op"] == "DELETE":
            self.files.pop(path, None)
            http.answer(200, b'{"boolean":true}')

    def create(self, http, path: str, body: bytes) -> None:
        if path in self.files:
            http.refuse("FileAlreadyExistsException")
            return
        self.files[path] = body[:1] if self.cut else body
        if self.lose_create_answers > 0:
            self.lose_create_answers -= 1
            self.hang_up(http)
        else:
            http.answer(201)

    @staticmethod
    def hang_up(http) -> None:
        http.close_connection = True
        http.connection.close()

    def rename(self, http, path: str, destination: str) -> None:
        if destination in self.files:
            http.refuse("FileAlreadyExistsException")
            return
        self.files[destination] = self.files.pop(path)
        if self.lose_rename_answer:
            self.hang_up(http)
        else:
            http.answer(200, b'{"boolean":true}')


@pytest.fixture
def hdfs() -> Iterator[FakeHdfs]:
    fake = FakeHdfs()
    yield fake
    for server in fake.servers:
        server.shutdown()
        server.server_close()


def store_of(hdfs: FakeHdfs, **more: object):
    return open_store(StoreAddress(f"webhdfs://{hdfs.address(0)},{hdfs.address(1)}/pivo", user="ada", **more))


def test_the_active_name_node_is_found_and_kept(hdfs: FakeHdfs):
    store = store_of(hdfs)
    assert store.read("a", 2, 3) == b"234"
    assert store.size("a") == 10
    assert [asked for asked in hdfs.asked if asked.startswith("standby")] == ["standby OPEN"]


def test_a_file_appears_on_hdfs_whole_or_not_at_all(hdfs: FakeHdfs, tmp_path: Path):
    store = store_of(hdfs)
    (tmp_path / "local").write_bytes(b"x" * 3_000_000)
    store.create("b/c", tmp_path / "local")
    assert hdfs.files["/pivo/b/c"] == b"x" * 3_000_000
    hdfs.cut = True
    with pytest.raises(RestoreFailure, match="1 of 5 bytes"):
        store.create("b/d", b"hello")
    assert set(hdfs.files) == {"/pivo/a", "/pivo/b/c"}
    with pytest.raises(RestoreFailure) as failed:
        store.create("b/c", b"other")
    assert failed.value.kind == "Exists"


def test_a_lost_answer_to_a_rename_is_no_failure(hdfs: FakeHdfs):
    hdfs.lose_rename_answer = True
    store_of(hdfs).create("e", b"hello")
    assert hdfs.files["/pivo/e"] == b"hello"


def test_a_write_whose_answer_is_lost_may_pass_and_is_done_by_the_next_try(hdfs: FakeHdfs, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(store_module, "PAUSES", (0.0, 0.0))
    hdfs.lose_create_answers = 1
    with pytest.raises(RestoreFailure) as failed:
        put(store_of(hdfs), "e", b"hello")
    assert failed.value.kind == "StorageUnavailable"
    hdfs.lose_create_answers = 2
    patiently(put, store_of(hdfs), "e", b"hello")
    assert hdfs.files == {"/pivo/a": b"0123456789", "/pivo/e": b"hello"}


def test_a_file_that_stays_writable_is_a_failure(hdfs: FakeHdfs):
    hdfs.permission = "644"
    with pytest.raises(RestoreFailure, match="HTTP 307"):
        store_of(hdfs).create("e", b"hello")


def test_a_redirect_to_a_stranger_is_not_followed(hdfs: FakeHdfs):
    with pytest.raises(RestoreFailure) as failed:
        store_of(hdfs, datanodes=(".example.org",)).read("a")
    assert failed.value.kind == "UrlRefused"
    assert store_of(hdfs, datanodes=("127.0.0.1",)).read("a") == b"0123456789"


def test_no_server_at_all_may_pass(hdfs: FakeHdfs):
    with pytest.raises(RestoreFailure) as failed:
        open_store(StoreAddress("webhdfs://127.0.0.1:9/pivo")).read("a")
    assert failed.value.kind == "StorageUnavailable"
    with pytest.raises(RestoreFailure) as missing:
        store_of(hdfs).read("nothing")
    assert missing.value.kind == "NotFound"
