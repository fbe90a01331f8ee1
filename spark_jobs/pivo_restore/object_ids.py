"""Recomputes git's own ids: `git index-pack` inflates every object, applies every delta and hashes the result."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
import uuid
from pathlib import Path

from .failure import RestoreFailure, damaged
from .plan import Pack
from .store import sha256_of

#: Neither the user's nor the machine's configuration; no repository around the pack.
_CONFIG = ("core.bigFileThreshold=8m", "core.fsync=none")


def recompute(pack: Pack, file: Path, threads: int) -> Path:
    """The index that git makes of the pack's bytes, which must be the one that the visit names; beside the pack. Fails with Damaged."""
    idx = file.with_name(f"{uuid.uuid4().hex}.idx")
    settings = [part for setting in (*_CONFIG, f"pack.threads={threads}") for part in ("-c", setting)]
    command = ["git", *settings, "index-pack", "--no-rev-index", f"--object-format={pack.object_format}", "-o", str(idx), str(file)]
    result = subprocess.run(command, cwd=file.parent, env=_environment(file.parent.parent), stdin=subprocess.DEVNULL, capture_output=True, check=False)
    if result.returncode != 0:
        said = result.stderr.decode(errors="replace").strip().splitlines()
        why = said[-1] if said else f"git ended with {result.returncode}"
        if "No space left" in why:
            raise RestoreFailure("StorageFull", f"no space for the index of {pack.name} on an executor: {why}", "Give spark.local.dir more room.", path=pack.path)
        if not file.exists():
            raise RestoreFailure("Unavailable", f"{pack.name} went away under git index-pack", "Another attempt on this host was faster.", path=pack.path)
        if result.returncode < 0 or "out of memory" in why.lower():
            raise RestoreFailure("Unavailable", f"git index-pack of {pack.name} was killed: {why}", "Give the executors more memory beside the JVM's (spark.executor.memoryOverhead).", path=pack.path)
        raise damaged(pack.path, f": {why}")
    if sha256_of(idx) != pack.idx_sha256:
        raise damaged(pack.path, ": the ids of its objects are not those that were archived")
    if objects_of(idx) != pack.objects:
        raise damaged(pack.path, f": it holds {objects_of(idx)} objects instead of {pack.objects}")
    return idx


def objects_of(idx: Path) -> int:
    """Number of objects: the last entry of the fan-out table of a version 2 index (gitformat-pack(5))."""
    with idx.open("rb") as content:
        content.seek(8 + 255 * 4)
        (count,) = struct.unpack(">I", content.read(4))
    return int(count)


def check_tools() -> None:
    """Fails with Unavailable where an executor lacks what it needs."""
    hint = "Executors need git 2.39 or later and Python 3.11 or later."
    if sys.version_info < (3, 11):  # noqa: UP036 - executors bring their own Python
        raise RestoreFailure("Unavailable", f"an executor has Python {sys.version.split()[0]}", hint)
    try:
        subprocess.run(["git", "--version"], env=_environment(Path("/")), capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise RestoreFailure("Unavailable", f"git does not run on an executor: {error}", hint) from error


def _environment(ceiling: Path) -> dict[str, str]:
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "LC_ALL": "C",
        "HOME": "/nonexistent",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CEILING_DIRECTORIES": str(ceiling),
    }
