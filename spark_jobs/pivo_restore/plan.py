"""Reads what the job is told: the plan of a restore, and of its visit the packs that the plan needs."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from .failure import RestoreFailure, damaged
from .layout import pack_path

#: Bytes that one checksum of a visit covers (contract/visit.ts).
CHUNK_BYTES = 8 * 2**20

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_PACK = re.compile(r"pack-[0-9a-f]{40,64}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_OID = {"sha1": re.compile(r"[0-9a-f]{40}"), "sha256": re.compile(r"[0-9a-f]{64}")}


@dataclass(frozen=True)
class Ref:
    name: str
    oid: str
    #: For a tag object: what it finally points to.
    peeled: str | None


@dataclass(frozen=True)
class Plan:
    """The part of a RestorePlan (contract/restore.ts) that a reconstruction needs."""

    restore_id: str
    repository: str
    visit: int
    object_format: str
    #: Refs that come back, in the order of the plan, which is that of their bytes.
    refs: tuple[Ref, ...]
    head_symref: str | None
    head_oid: str | None
    packs: tuple[str, ...]
    shallow: tuple[str, ...]
    #: Packs that another visit proves, a repair's: name and number.
    proven_by: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Pack:
    """One pack as its visit proves it (contract/visit.ts)."""

    path: str
    name: str
    object_format: str
    objects: int
    bytes: int
    sha256: str
    chunks: tuple[str, ...]
    idx_bytes: int
    idx_sha256: str


@dataclass(frozen=True)
class Range:
    """The bytes of one checksum; all but the last of a pack are CHUNK_BYTES long. Without the pack's other checksums, which would travel with each."""

    path: str
    offset: int
    length: int
    sha256: str


def ranges_of(pack: Pack) -> list[Range]:
    return [Range(pack.path, offset, min(CHUNK_BYTES, pack.bytes - offset), sha256) for offset, sha256 in zip(range(0, pack.bytes, CHUNK_BYTES), pack.chunks, strict=True)]


def restore_id_of(plan_file: str) -> str:
    """The restore whose plan is at `restores/{id}/plan.json`. Fails with InvalidInput."""
    found = re.fullmatch(r"/?restores/([^/]+)/plan\.json", plan_file)
    if found is None or not _NAME.fullmatch(found[1]):
        raise RestoreFailure("InvalidInput", f"--plan {plan_file} is not the plan of a restore", "Give restores/{restoreId}/plan.json.")
    return found[1]


def read_plan(restore_id: str, path: str, content: bytes) -> Plan:
    """Fails with Damaged when the file is no plan of format version 1."""
    try:
        document = json.loads(content)
        if document["formatVersion"] != 1:
            raise ValueError(f"its format version is {document['formatVersion']}")
        return _plan(restore_id, document)
    except (ValueError, KeyError, TypeError) as error:
        raise damaged(path, f": {_said(error)}", restoreId=restore_id) from error


def _plan(restore_id: str, document: dict[str, Any]) -> Plan:
    object_format = document["objectFormat"]
    oid = _OID[object_format]
    refs = tuple(Ref(ref["name"], _checked(oid, ref["new"]), ref.get("peeled") and _checked(oid, ref["peeled"])) for ref in document["refs"] if ref["action"] != "refuse")
    if any("\n" in ref.name for ref in refs):
        raise ValueError("a ref's name holds a newline")
    head = document["head"]
    return Plan(
        restore_id=restore_id,
        repository=_checked(_NAME, document["repository"]),
        visit=int(document["point"]["visit"]),
        object_format=object_format,
        refs=refs,
        head_symref=head["symref"],
        head_oid=head["oid"] and _checked(oid, head["oid"]),
        packs=tuple(_checked(_PACK, pack["name"]) for pack in document["packs"]),
        proven_by=tuple((pack["name"], int(pack["visit"])) for pack in document["packs"] if "visit" in pack),
        shallow=tuple(_checked(oid, commit) for commit in document["shallow"]),
    )


def visits_of(plan: Plan) -> dict[int, list[str]]:
    """Which visits prove the packs of the plan, and which packs each."""
    others = dict(plan.proven_by)
    visits: dict[int, list[str]] = {plan.visit: []}
    for name in plan.packs:
        visits.setdefault(others.get(name, plan.visit), []).append(name)
    return visits


def read_packs(plan: Plan, seq: int, names: list[str], path: str, content: bytes) -> list[Pack]:
    """These packs of the plan as the visit `seq` at `path` describes them. Fails with Damaged."""
    try:
        visit = json.loads(content)
        if (visit["formatVersion"], visit["repository"], visit["seq"]) != (1, plan.repository, seq):
            raise ValueError(f"it holds visit {visit['seq']} of {visit['repository']}, format version {visit['formatVersion']}")
        listed = {proof["name"]: pack_of(plan.repository, plan.object_format, proof) for proof in visit["packs"] if proof["name"] in names}
    except (ValueError, KeyError, TypeError) as error:
        raise damaged(path, f": {_said(error)}", restoreId=plan.restore_id) from error
    missing = [name for name in names if name not in listed]
    if missing:
        raise damaged(path, f": it does not list {missing[0]}, which the plan needs", restoreId=plan.restore_id)
    return [listed[name] for name in names]


def pack_of(repository: str, object_format: str, proof: dict[str, Any]) -> Pack:
    """A pack as a visit proves it. Fails with ValueError, KeyError or TypeError."""
    name, pack, idx = _checked(_PACK, proof["name"]), proof["pack"], proof["idx"]
    length = int(pack["bytes"])
    chunks = tuple(_checked(_SHA256, chunk) for chunk in pack["chunks"])
    if len(chunks) != -(-length // CHUNK_BYTES):
        raise ValueError(f"{name} has {len(chunks)} checksums for {length} bytes")
    return Pack(
        path=pack_path(_checked(_NAME, repository), name),
        name=name,
        object_format=object_format,
        objects=int(proof["objects"]),
        bytes=length,
        sha256=_checked(_SHA256, pack["sha256"]),
        chunks=chunks,
        idx_bytes=int(idx["bytes"]),
        idx_sha256=_checked(_SHA256, idx["sha256"]),
    )


def _checked(form: re.Pattern[str], value: str) -> str:
    if not form.fullmatch(value):
        raise ValueError(f"{value[:100]!r} is not of the form {form.pattern}")
    return value


def _said(error: Exception) -> str:
    return f"{type(error).__name__} {error}" if isinstance(error, KeyError) else str(error)
