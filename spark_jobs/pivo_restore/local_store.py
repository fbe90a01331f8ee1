"""The archive on a file system that every executor has at the same path: `file:///path`."""

from __future__ import annotations

import errno
import os
import shutil
import uuid
from pathlib import Path

from .failure import RestoreFailure

_FULL = (errno.ENOSPC, errno.EDQUOT)
_READ_ONLY = (errno.EROFS, errno.EACCES, errno.EPERM)


class LocalStore:
    def __init__(self, root: Path) -> None:
        self._root = root

    def read(self, path: str, offset: int = 0, length: int | None = None) -> bytes:
        try:
            with (self._root / path).open("rb") as file:
                file.seek(offset)
                return file.read() if length is None else file.read(length)
        except OSError as error:
            raise _failure(error, path) from error

    def size(self, path: str) -> int | None:
        try:
            return (self._root / path).stat().st_size
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise _failure(error, path) from error

    def create(self, path: str, content: bytes | Path) -> None:
        """Written aside, then linked: link(2) never replaces."""
        full = self._root / path
        temporary = full.with_name(f".tmp-{uuid.uuid4()}")
        try:
            full.parent.mkdir(parents=True, exist_ok=True)
            if full.exists():
                raise FileExistsError(errno.EEXIST, "exists", str(full))
            _write(temporary, content)
            os.link(temporary, full)
            _sync(full.parent)
        except OSError as error:
            raise _failure(error, path) from error
        finally:
            temporary.unlink(missing_ok=True)


def _write(temporary: Path, content: bytes | Path) -> None:
    if isinstance(content, bytes):
        temporary.write_bytes(content)
    else:
        shutil.copyfile(content, temporary)
    temporary.chmod(0o444)
    _sync(temporary)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _failure(error: OSError, path: str) -> RestoreFailure:
    said = error.strerror or str(error)
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return RestoreFailure("NotFound", f"{path} is not in the archive", path=path)
    if error.errno == errno.EEXIST:
        return RestoreFailure("Exists", f"{path} is in the archive already", path=path)
    if error.errno in _FULL:
        return RestoreFailure("StorageFull", f"no space left to write {path}", "Free or add space, then start again: what was archived before is untouched.", path=path)
    if error.errno in _READ_ONLY:
        return RestoreFailure("StorageReadOnly", f"the archive cannot be written at {path} ({said})", "Give the user of the executors the right to write below restores/, then start again.", path=path)
    return RestoreFailure("StorageUnavailable", f"{path}: {said}", path=path)
