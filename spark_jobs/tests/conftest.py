"""Small archives for the tests: a real git repository as PIVO would have archived it."""

from __future__ import annotations

import hashlib
import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pivo_restore.layout import pack_path, plan_path, visit_path
from pivo_restore.local_store import LocalStore
from pivo_restore.plan import CHUNK_BYTES


def git(*arguments: str, cwd: Path, stdin: bytes = b"") -> bytes:
    environment = {"PATH": "/usr/bin:/bin:/usr/local/bin", "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null", "LC_ALL": "C"}
    people = {f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER") for what, value in (("NAME", "Ada"), ("EMAIL", "ada@example.org"), ("DATE", "1577836800 +0000"))}
    return subprocess.run(["git", *arguments], cwd=cwd, env={**environment, **people}, input=stdin, capture_output=True, check=True).stdout


@dataclass
class Archive:
    root: Path
    store: LocalStore
    restore_id: str
    plan: dict[str, Any]
    visit: dict[str, Any]
    #: Path of the one pack in the archive.
    pack: str

    def write(self) -> None:
        """The documents as they are now; what they were is replaced."""
        for path, document in ((plan_path(self.restore_id), self.plan), (visit_path("demo", 1), self.visit)):
            file = self.root / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(document))


def proof_of(file: Path) -> dict[str, Any]:
    content = file.read_bytes()
    return {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def chunks_of(file: Path) -> list[str]:
    content = file.read_bytes()
    return [hashlib.sha256(content[at : at + CHUNK_BYTES]).hexdigest() for at in range(0, len(content), CHUNK_BYTES)]


def archive_of(folder: Path, object_format: str, blob: bytes = b"hello\n") -> Archive:
    """A repository with one commit and an annotated tag, in one pack."""
    origin = folder / "origin"
    git("init", "--quiet", "--bare", f"--object-format={object_format}", str(origin), cwd=folder)
    oid = git("hash-object", "-w", "--stdin", cwd=origin, stdin=blob).decode().strip()
    tree = git("mktree", cwd=origin, stdin=f"100644 blob {oid}\tfile\n".encode()).decode().strip()
    commit = git("commit-tree", tree, "-m", "first", cwd=origin).decode().strip()
    tag = git("mktag", cwd=origin, stdin=f"object {commit}\ntype commit\ntag v1\ntagger Ada <ada@example.org> 1577836800 +0000\n\nv1\n".encode()).decode().strip()
    names = git("pack-objects", "--quiet", str(folder / "pack"), cwd=origin, stdin=f"{oid}\n{tree}\n{commit}\n{tag}\n".encode()).decode().strip()
    name = f"pack-{names}"
    root = folder / "archive"
    for extension in ("pack", "idx"):
        into = root / pack_path("demo", name).replace(".pack", f".{extension}")
        into.parent.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.{extension}").rename(into)
    pack = root / pack_path("demo", name)
    archive = Archive(
        root=root,
        store=LocalStore(root),
        restore_id="r1",
        plan={
            "formatVersion": 1,
            "repository": "demo",
            "objectFormat": object_format,
            "point": {"visit": 1},
            "refs": [
                {"name": "refs/heads/main", "new": commit, "action": "create"},
                {"name": "refs/pull/1/head", "new": commit, "action": "refuse"},
                {"name": "refs/tags/v1", "new": tag, "action": "create", "peeled": commit},
            ],
            "head": {"symref": "refs/heads/main", "oid": commit},
            "packs": [{"name": name, "bytes": pack.stat().st_size}],
            "shallow": [],
        },
        visit={
            "formatVersion": 1,
            "repository": "demo",
            "seq": 1,
            "packs": [{"name": name, "objects": 4, "pack": {**proof_of(pack), "chunks": chunks_of(pack)}, "idx": proof_of(pack.with_suffix(".idx"))}],
        },
        pack=pack_path("demo", name),
    )
    archive.write()
    return archive


@pytest.fixture(params=["sha1", "sha256"])
def archive(request: pytest.FixtureRequest, tmp_path: Path) -> Archive:
    return archive_of(tmp_path, request.param)


@pytest.fixture
def big_archive(tmp_path: Path) -> Archive:
    """Its pack has two ranges."""
    content = b"".join(hashlib.sha256(at.to_bytes(8)).digest() for at in range(9 * 2**20 // 32))
    return archive_of(tmp_path, "sha1", content)
