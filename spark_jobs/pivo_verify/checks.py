"""What executors check of a pack: every chunk, the whole, every object id, and the index beside it. What is wrong is a result."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from pivo_restore.failure import RestoreFailure, damaged
from pivo_restore.object_ids import check_tools, recompute
from pivo_restore.plan import CHUNK_BYTES, Pack, pack_of
from pivo_restore.scratch import Scratch
from pivo_restore.stages import Outcome, assemble, outcome_of
from pivo_restore.store import Store, patiently

#: Kinds that say that the archive is not as it was written; any other says that it could not be read now.
DAMAGE = ("Damaged", "NotFound")


@dataclass(frozen=True)
class Problem:
    """Something that is not as its visit says."""

    pack: str
    file: str
    offset: int | None
    problem: str


def read_work(lines: Iterable[str]) -> Iterator[Pack]:
    """One pack a line, as restore/spark-verify.ts writes them. Fails with InvalidInput."""
    for number, line in enumerate(lines, 1):
        try:
            document = json.loads(line)
            yield pack_of(document["repository"], document["objectFormat"], document["proof"])
        except (ValueError, KeyError, TypeError) as error:
            raise RestoreFailure("InvalidInput", f"line {number} of the work is no pack: {error}") from error


def idx_path(pack: Pack) -> str:
    return f"{pack.path.removesuffix('.pack')}.idx"


def check_length(store: Store, pack: Pack) -> Outcome:
    """The pack is there with its length."""

    def act(_outcome: Outcome) -> None:
        found = patiently(store.size, pack.path)
        if found is None:
            raise damaged(pack.path, ": it is not there")
        if found != pack.bytes:
            raise damaged(pack.path, f": {found} bytes, {pack.bytes} were archived")

    return outcome_of(pack.path, act)


def check_index(store: Store, pack: Pack) -> Outcome:
    """The index has the bytes that its visit proves."""
    path = idx_path(pack)

    def act(outcome: Outcome) -> None:
        digest = hashlib.sha256()
        for offset in range(0, pack.idx_bytes, CHUNK_BYTES):
            piece = patiently(store.read, path, offset, min(CHUNK_BYTES, pack.idx_bytes - offset))
            digest.update(piece)
            outcome.bytes += len(piece)
        if patiently(store.size, path) != pack.idx_bytes or digest.hexdigest() != pack.idx_sha256:
            raise damaged(path, ": its bytes are not those that were archived")

    return outcome_of(path, act)


def check_ids(store: Store, scratch: Scratch, pack: Pack, threads: int) -> Outcome:
    """The pack whole on this host, and every object id recomputed by git."""

    def act(outcome: Outcome) -> None:
        check_tools()
        try:
            recompute(pack, assemble(store, scratch, pack), threads)
            outcome.objects = pack.objects
        finally:
            scratch.remove(pack.path)

    return outcome_of(pack.path, act)


def problem_of(pack: str, outcome: Outcome) -> Problem | None:
    """The problem that an outcome tells, or None for none. Fails with what could not be read now."""
    failure: dict[str, Any] | None = outcome.failure
    if failure is None:
        return None
    if failure["kind"] not in DAMAGE:
        raise RestoreFailure(failure["kind"], failure["message"], failure.get("hint"), **failure["facts"])
    problem = "it is not there" if failure["kind"] == "NotFound" else failure["message"].removeprefix(f"{outcome.about} is damaged").lstrip(": ")
    return Problem(pack, outcome.about, failure["facts"].get("offset"), problem)
