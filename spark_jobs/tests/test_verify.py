"""The checks of a verification as executors run them: what is whole passes, and every damage has a file."""

import json
from pathlib import Path

import pytest
from conftest import Archive
from test_stages import flip

from pivo_restore.failure import RestoreFailure
from pivo_restore.plan import CHUNK_BYTES, Pack, ranges_of
from pivo_restore.scratch import Scratch
from pivo_restore.stages import Outcome, download
from pivo_verify.checks import check_ids, check_index, check_length, idx_path, problem_of, read_work


def pack_of(archive: Archive) -> Pack:
    line = json.dumps({"repository": "demo", "objectFormat": archive.plan["objectFormat"], "proof": archive.visit["packs"][0]})
    (pack,) = read_work([line])
    return pack


def problems(archive: Archive, scratch: Scratch) -> list[tuple[str, int | None, str]]:
    pack = pack_of(archive)
    outcomes = [check_length(archive.store, pack), check_index(archive.store, pack), *download(archive.store, scratch, ranges_of(pack))]
    found = [problem for outcome in outcomes if (problem := problem_of(pack.path, outcome))]
    if not found:
        found = [problem for problem in [problem_of(pack.path, check_ids(archive.store, scratch, pack, 1))] if problem]
    return [(problem.file, problem.offset, problem.problem) for problem in found]


def test_what_is_whole_has_no_problem_and_leaves_nothing(archive: Archive, tmp_path: Path):
    assert problems(archive, Scratch(tmp_path / "scratch")) == []
    assert list((tmp_path / "scratch").iterdir()) == []


def test_a_flipped_byte_has_the_offset_of_its_range(big_archive: Archive, tmp_path: Path):
    flip(big_archive.root / big_archive.pack, CHUNK_BYTES + 77)
    assert [(file, offset) for file, offset, _ in problems(big_archive, Scratch(tmp_path / "scratch"))] == [(big_archive.pack, CHUNK_BYTES)]


def test_a_changed_index_is_the_indexs_problem(archive: Archive, tmp_path: Path):
    path = idx_path(pack_of(archive))
    flip(archive.root / path, 1040)
    assert problems(archive, Scratch(tmp_path / "scratch")) == [(path, None, "its bytes are not those that were archived")]


def test_a_pack_that_is_gone_is_told(archive: Archive, tmp_path: Path):
    (archive.root / archive.pack).unlink()
    assert (archive.pack, None, "it is not there") in problems(archive, Scratch(tmp_path / "scratch"))


def test_ids_are_recomputed_even_where_every_checksum_agrees(archive: Archive, tmp_path: Path):
    archive.visit["packs"][0]["objects"] += 1
    ((file, _, said),) = problems(archive, Scratch(tmp_path / "scratch"))
    assert file == archive.pack
    assert "holds 4 objects instead of 5" in said


def test_what_cannot_be_read_now_is_no_problem_of_the_archive():
    with pytest.raises(RestoreFailure) as failure:
        problem_of("p", Outcome("p", failure=RestoreFailure("StorageUnavailable", "no answer").report()))
    assert failure.value.kind == "StorageUnavailable"


def test_work_that_is_no_pack_is_refused():
    with pytest.raises(RestoreFailure, match="line 1"):
        list(read_work(["{}"]))
