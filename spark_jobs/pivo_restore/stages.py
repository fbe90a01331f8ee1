"""The three stages, as executors run them. Nothing here raises: what went wrong is part of the result."""

from __future__ import annotations

import hashlib
import json
import socket
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .failure import RestoreFailure, damaged
from .layout import plan_path, reconstruction_path, repository_path, visit_path
from .object_ids import check_tools, recompute
from .plan import Pack, Plan, Range, ranges_of, read_packs, read_plan, visits_of
from .repository import small_files
from .scratch import Scratch
from .store import Store, patiently, put, sha256_of


@dataclass
class Outcome:
    """What a task tells the driver."""

    #: Path of the file or id of the restore that the task was about.
    about: str
    #: The report of a failure, or None.
    failure: dict[str, Any] | None = None
    packs: list[Pack] = field(default_factory=list)
    bytes: int = 0
    objects: int = 0
    host: str = field(default_factory=socket.gethostname)
    seconds: float = 0.0


def validate(store: Store, restore_id: str) -> Outcome:
    """Plan and visit can be read, and every pack is there with its length."""

    def act(outcome: Outcome) -> None:
        check_tools()
        plan = read_stored_plan(store, restore_id)
        for seq, names in visits_of(plan).items():
            path = visit_path(plan.repository, seq)
            outcome.packs += read_packs(plan, seq, names, path, patiently(store.read, path))
        for pack in outcome.packs:
            _check_length(store, pack)

    return outcome_of(restore_id, act)


def read_stored_plan(store: Store, restore_id: str) -> Plan:
    path = plan_path(restore_id)
    return read_plan(restore_id, path, patiently(store.read, path))


def _check_length(store: Store, pack: Pack) -> None:
    found = patiently(store.size, pack.path)
    if found is None:
        raise damaged(pack.path, ": it is missing", offset=0)
    if found != pack.bytes:
        raise damaged(pack.path, f": it has {found} bytes instead of {pack.bytes}", offset=min(found, pack.bytes))


def download(store: Store, scratch: Scratch, ranges: Iterable[Range]) -> list[Outcome]:
    """Each range onto this executor's disk when its bytes are those that the visit names."""

    def act(part: Range) -> Callable[[Outcome], None]:
        def one(outcome: Outcome) -> None:
            scratch.put(part, read_checked(store, part))
            outcome.bytes = part.length

        return one

    return [outcome_of(part.path, act(part)) for part in ranges]


def read_checked(store: Store, part: Range) -> bytes:
    """The bytes of a range. Fails with Damaged that names file and offset."""
    content = patiently(store.read, part.path, part.offset, part.length)
    if hashlib.sha256(content).hexdigest() == part.sha256:
        return content
    end = part.offset + part.length
    short = "" if len(content) == part.length else f": {len(content)} bytes came"
    raise damaged(part.path, f" between bytes {part.offset} and {end}{short}", offset=part.offset, end=end)


def reconstruct(store: Store, scratch: Scratch, pack: Pack, threads: int, restore_ids: Iterable[str]) -> Outcome:
    """The pack whole on this host, its ids recomputed, then put into the repository of each restore with its new index."""

    def act(outcome: Outcome) -> None:
        try:
            file = assemble(store, scratch, pack)
            idx = recompute(pack, file, threads)
            for restore_id in restore_ids:
                for extension, source in (("pack", file), ("idx", idx)):  # a pack without index is not yet there for git
                    patiently(put, store, repository_path(restore_id, f"objects/pack/{pack.name}.{extension}"), source)
            outcome.bytes = pack.bytes + pack.idx_bytes
            outcome.objects = pack.objects
        finally:
            scratch.remove(pack.path)

    return outcome_of(pack.path, act)


def assemble(store: Store, scratch: Scratch, pack: Pack) -> Path:
    """The pack whole on this host. What other hosts downloaded is read once more from the archive, which costs the network as much as asking them."""
    for part in ranges_of(pack):
        if not scratch.has(part):
            scratch.put(part, read_checked(store, part))
    file = scratch.file(pack.path)
    if file.stat().st_size != pack.bytes or sha256_of(file) != pack.sha256:
        raise damaged(pack.path, ": every part is as archived, and the whole is not", offset=0)
    return file


def complete(store: Store, restore_id: str, packs: list[Pack]) -> Outcome:
    """Refs, HEAD and configuration of a repository whose packs are there, then the file that says it is complete."""

    def act(outcome: Outcome) -> None:
        plan = read_stored_plan(store, restore_id)
        for name, content in small_files(plan):
            patiently(put, store, repository_path(restore_id, name), content)
        record = reconstruction(restore_id, packs)
        outcome.bytes, outcome.objects = record["bytes"], record["objects"]
        patiently(put, store, reconstruction_path(restore_id), _json(record))

    return outcome_of(restore_id, act)


def reconstruction(restore_id: str, packs: list[Pack]) -> dict[str, Any]:
    """What was made and checked; the same for every attempt, since the file is written once."""
    return {
        "formatVersion": 1,
        "restoreId": restore_id,
        "packs": [pack.name for pack in packs],
        "bytes": sum(pack.bytes + pack.idx_bytes for pack in packs),
        "objects": sum(pack.objects for pack in packs),
        "damage": "none",
    }


def _json(document: dict[str, Any]) -> bytes:
    return f"{json.dumps(document, indent=1)}\n".encode()


def outcome_of(about: str, act: Callable[[Outcome], None]) -> Outcome:
    """What became of an act, its failure among it."""
    outcome = Outcome(about)
    began = time.monotonic()
    try:
        act(outcome)
    except RestoreFailure as error:
        outcome.failure = error.report()
    except OSError as error:
        outcome.failure = RestoreFailure("Unavailable", f"{about}: an executor's disk failed: {error}", "Look at spark.local.dir on that host.", host=outcome.host).report()
    outcome.seconds = time.monotonic() - began
    return outcome
