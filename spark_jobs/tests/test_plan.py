"""What the job is told is read strictly: it comes from a store that others can write to."""

import json

import pytest
from conftest import Archive

from pivo_restore.failure import RestoreFailure
from pivo_restore.layout import plan_path, visit_path
from pivo_restore.plan import CHUNK_BYTES, Pack, ranges_of, read_packs, read_plan, restore_id_of, visits_of


def read(archive: Archive):
    return read_plan("r1", "restores/r1/plan.json", json.dumps(archive.plan).encode())


def packs_of(archive: Archive, path: str, content: bytes):
    plan = read(archive)
    return read_packs(plan, plan.visit, list(plan.packs), path, content)


def test_a_repaired_pack_is_proven_by_the_visit_of_its_repair(archive: Archive):
    archive.plan["packs"].append({"name": "pack-" + "b" * 40, "bytes": 1, "visit": 7})
    plan = read(archive)
    assert visits_of(plan) == {1: [archive.visit["packs"][0]["name"]], 7: ["pack-" + "b" * 40]}


def test_a_plan_keeps_every_ref_but_the_refused_ones(archive: Archive):
    plan = read(archive)
    assert [ref.name for ref in plan.refs] == ["refs/heads/main", "refs/tags/v1"]
    assert plan.refs[1].peeled == plan.head_oid


def test_the_packs_of_a_plan_are_proven_by_its_visit(archive: Archive):
    (pack,) = packs_of(archive, visit_path("demo", 1), json.dumps(archive.visit).encode())
    assert (pack.path, pack.objects, pack.bytes) == (archive.pack, 4, archive.plan["packs"][0]["bytes"])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("formatVersion", 2),
        ("repository", "../demo"),
        ("objectFormat", "md5"),
        ("packs", [{"name": "../../../etc/passwd"}]),
        ("refs", [{"name": "refs/heads/a\nb", "new": "0" * 40, "action": "create"}]),
        ("refs", [{"name": "refs/heads/a", "new": "HEAD", "action": "create"}]),
        ("shallow", ["x"]),
        ("head", None),
    ],
)
def test_a_plan_that_is_not_one_is_damaged(archive: Archive, field: str, value: object):
    archive.plan[field] = value
    with pytest.raises(RestoreFailure) as failed:
        read(archive)
    assert failed.value.kind == "Damaged"
    assert failed.value.facts["path"] == plan_path("r1")


@pytest.mark.parametrize("change", [{"seq": 2}, {"repository": "other"}, {"packs": []}, {"formatVersion": 9}])
def test_a_visit_of_something_else_is_damaged(archive: Archive, change: dict):
    archive.visit.update(change)
    with pytest.raises(RestoreFailure) as failed:
        packs_of(archive, visit_path("demo", 1), json.dumps(archive.visit).encode())
    assert failed.value.kind == "Damaged"


def test_a_visit_must_have_a_checksum_for_each_8_MiB(archive: Archive):
    archive.visit["packs"][0]["pack"]["chunks"] *= 2
    with pytest.raises(RestoreFailure, match="2 checksums"):
        packs_of(archive, visit_path("demo", 1), json.dumps(archive.visit).encode())


def test_ranges_cover_a_pack_without_gap_or_overlap():
    pack = Pack("p", "pack-0", "sha1", 0, 2 * CHUNK_BYTES + 5, "", ("a", "b", "c"), 0, "")
    assert [(part.offset, part.length, part.sha256) for part in ranges_of(pack)] == [(0, CHUNK_BYTES, "a"), (CHUNK_BYTES, CHUNK_BYTES, "b"), (2 * CHUNK_BYTES, 5, "c")]


@pytest.mark.parametrize("path", ["restores/r1/plan.json", "/restores/r1/plan.json"])
def test_a_restore_is_named_by_the_folder_of_its_plan(path: str):
    assert restore_id_of(path) == "r1"


@pytest.mark.parametrize("path", ["plan.json", "restores/../plan.json", "restores/a/b/plan.json", "restores//plan.json"])
def test_any_other_path_is_refused(path: str):
    with pytest.raises(RestoreFailure, match="is not the plan of a restore"):
        restore_id_of(path)
