"""The repository that git finds: refs, HEAD and configuration, whatever bytes their names are of."""

import subprocess
from pathlib import Path

import pytest

from pivo_restore.plan import Plan, Ref
from pivo_restore.quote import unquote
from pivo_restore.repository import config, head, packed_refs, small_files

A, B, C = "a" * 40, "b" * 40, "c" * 40


def plan_of(*refs: Ref, symref: str | None = None, oid: str | None = None, shallow: tuple[str, ...] = (), packs: tuple[str, ...] = ()) -> Plan:
    return Plan("r1", "demo", 1, "sha1", refs, symref, oid, packs, shallow)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("refs/heads/main", b"refs/heads/main"),
        ("refs/heads/käse", "refs/heads/käse".encode()),
        ('"refs/heads/caf\\351"', b"refs/heads/caf\xe9"),
        ('"\\"\\\\\\t\\001"', b'"\\\t\x01'),
        ('"', b'"'),
    ],
)
def test_names_come_back_as_bytes(text: str, name: bytes):
    assert unquote(text) == name


def test_refs_are_sorted_by_their_bytes_and_peeled():
    refs = packed_refs(plan_of(Ref('"refs/heads/caf\\351"', A, None), Ref("refs/heads/käse", B, None), Ref("refs/heads/b", C, None), Ref("refs/tags/v1", A, B)))
    assert refs.split(b"\n") == [
        b"# pack-refs with: peeled fully-peeled sorted ",
        f"{C} refs/heads/b".encode(),
        f"{A} refs/heads/caf".encode() + b"\xe9",
        f"{B} refs/heads/käse".encode(),
        f"{A} refs/tags/v1".encode(),
        f"^{B}".encode(),
        b"",
    ]


@pytest.mark.parametrize(
    ("symref", "oid", "content"),
    [
        ("refs/heads/main", A, b"ref: refs/heads/main\n"),
        ('"refs/heads/caf\\351"', None, b"ref: refs/heads/caf\xe9\n"),
        (None, A, f"{A}\n".encode()),
        (None, None, b"ref: refs/heads/.invalid\n"),
    ],
)
def test_head_is_a_branch_a_commit_or_nothing(symref: str | None, oid: str | None, content: bytes):
    assert head(plan_of(symref=symref, oid=oid)) == content


@pytest.mark.parametrize("object_format", ["sha1", "sha256"])
def test_git_reads_the_configuration(tmp_path: Path, object_format: str):
    file = tmp_path / "config"
    file.write_bytes(config(object_format))
    told = subprocess.run(["git", "config", "--file", file, "--list"], capture_output=True, check=True, text=True).stdout.splitlines()
    assert ("extensions.objectformat=sha256" in told) == (object_format == "sha256")
    assert {"core.bare=true", "gc.auto=0", "receive.hiderefs=refs"} <= set(told)


def test_a_shallow_boundary_and_an_empty_repository_are_said():
    names = dict(small_files(plan_of(shallow=(A, B))))
    assert names["shallow"] == f"{A}\n{B}\n".encode()
    assert "objects/pack/.keep" in names
    assert "objects/pack/.keep" not in dict(small_files(plan_of(packs=("pack-1",))))
