"""The stages as executors run them, on a real archive: what they make is what git reads, and damage has a file and an offset."""

import json
from pathlib import Path

import pytest
from conftest import Archive, chunks_of, git, proof_of

from pivo_restore.layout import reconstruction_path, repository_path
from pivo_restore.plan import CHUNK_BYTES, Pack, ranges_of
from pivo_restore.scratch import Scratch
from pivo_restore.stages import Outcome, complete, download, reconstruct, validate


def packs_of(archive: Archive) -> list[Pack]:
    outcome = validate(archive.store, archive.restore_id)
    assert outcome.failure is None
    return outcome.packs


def run(archive: Archive, scratch: Scratch) -> list[Outcome]:
    """All stages of one restore, one after the other."""
    packs = packs_of(archive)
    outcomes = [*download(archive.store, scratch, [part for pack in packs for part in ranges_of(pack)])]
    outcomes += [reconstruct(archive.store, scratch, pack, 1, [archive.restore_id]) for pack in packs]
    return [*outcomes, complete(archive.store, archive.restore_id, packs)]


def flip(file: Path, offset: int) -> None:
    file.chmod(0o644)
    with file.open("r+b") as content:
        content.seek(offset)
        byte = content.read(1)[0]
        content.seek(offset)
        content.write(bytes([byte ^ 1]))


def failure_of(outcome: Outcome) -> dict:
    assert outcome.failure is not None
    return outcome.failure


def test_a_restore_becomes_a_repository_that_git_finds_sound(archive: Archive, tmp_path: Path):
    assert [outcome.failure for outcome in run(archive, Scratch(tmp_path / "scratch"))] == [None, None, None]
    repository = archive.root / repository_path("r1", "")
    assert git("fsck", "--full", "--strict", cwd=repository) == b""
    refs = git("for-each-ref", "--format=%(refname) %(objectname)", cwd=repository).decode().splitlines()
    assert refs == [f"{ref['name']} {ref['new']}" for ref in archive.plan["refs"] if ref["action"] != "refuse"]
    record = json.loads((archive.root / reconstruction_path("r1")).read_bytes())
    assert (record["damage"], record["objects"], record["packs"]) == ("none", 4, [archive.visit["packs"][0]["name"]])
    assert list((tmp_path / "scratch").iterdir()) == []


def test_a_second_run_finds_the_same_and_a_third_refuses_what_was_changed(archive: Archive, tmp_path: Path):
    scratch = Scratch(tmp_path / "scratch")
    run(archive, scratch)
    assert [outcome.failure for outcome in run(archive, scratch)] == [None, None, None]
    flip(archive.root / repository_path("r1", "packed-refs"), 60)
    assert failure_of(run(archive, scratch)[-1])["kind"] == "Damaged"


def test_a_flipped_byte_is_told_with_its_file_and_the_offset_of_its_range(big_archive: Archive, tmp_path: Path):
    flip(big_archive.root / big_archive.pack, CHUNK_BYTES + 77)
    packs = packs_of(big_archive)
    first, second = download(big_archive.store, Scratch(tmp_path / "scratch"), ranges_of(packs[0]))
    assert first.failure is None
    assert (failure_of(second)["kind"], failure_of(second)["facts"]["path"], failure_of(second)["facts"]["offset"]) == ("Damaged", big_archive.pack, CHUNK_BYTES)


@pytest.mark.parametrize(("length", "said"), [(None, "is missing"), (100, "has 100 bytes instead of")])
def test_a_pack_that_is_gone_or_cut_fails_the_validation(archive: Archive, length: int | None, said: str):
    file = archive.root / archive.pack
    content = file.read_bytes()
    file.unlink()
    if length is not None:
        file.write_bytes(content[:length])
    failure = failure_of(validate(archive.store, "r1"))
    assert failure["kind"] == "Damaged"
    assert said in failure["message"]


def test_a_restore_without_a_plan_is_not_found(archive: Archive):
    assert failure_of(validate(archive.store, "r2"))["kind"] == "NotFound"


def test_ids_are_recomputed_even_where_every_checksum_agrees(archive: Archive, tmp_path: Path):
    """A pack that was archived with a wrong index: only git's own ids can tell."""
    proof = archive.visit["packs"][0]
    proof["idx"]["sha256"] = "0" * 64
    archive.write()
    assert "ids of its objects" in failure_of(run(archive, Scratch(tmp_path / "scratch"))[1])["message"]


def test_a_pack_whose_objects_are_damaged_is_told_in_the_words_of_git(archive: Archive, tmp_path: Path):
    pack = archive.root / archive.pack
    flip(pack, pack.stat().st_size - 30)
    proof = archive.visit["packs"][0]
    proof["pack"] = {**proof_of(pack), "chunks": chunks_of(pack)}
    archive.write()
    failure = failure_of(run(archive, Scratch(tmp_path / "scratch"))[1])
    assert failure["kind"] == "Damaged"
    assert failure["facts"]["path"] == archive.pack


def test_what_another_host_downloaded_is_read_again(big_archive: Archive, tmp_path: Path):
    (pack,) = packs_of(big_archive)
    here = Scratch(tmp_path / "here")
    download(big_archive.store, here, ranges_of(pack)[:1])
    assert reconstruct(big_archive.store, here, pack, 1, ["r1"]).failure is None


def test_one_pack_serves_several_restores(archive: Archive, tmp_path: Path):
    (pack,) = packs_of(archive)
    assert reconstruct(archive.store, Scratch(tmp_path / "scratch"), pack, 1, ["r1", "r2"]).failure is None
    for restore_id in ("r1", "r2"):
        assert (archive.root / repository_path(restore_id, f"objects/pack/{pack.name}.pack")).exists()
