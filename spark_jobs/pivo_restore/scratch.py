"""Ranges on an executor's disk: all executors of one host share a folder, so that what one of them read no other reads again."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from .plan import Range

#: Where Spark keeps temporary files of an application, in the order that it looks them up itself (Utils.getConfiguredLocalDirs);
#: a cluster manager removes these folders when the application ends.
_FOLDERS = ("LOCAL_DIRS", "SPARK_EXECUTOR_DIRS", "SPARK_LOCAL_DIRS")


def scratch_folder(environment: Mapping[str, str], application: str, configured: str | None) -> Path:
    """The folder of one application on this host; `configured` is `spark.local.dir`."""
    found = next((value for name in _FOLDERS if (value := environment.get(name))), configured or tempfile.gettempdir())
    first = found.replace(os.pathsep, ",").split(",")[0]
    return Path(first) / f"pivo-restore-{application}"


class Scratch:
    """Packs as they are put together. A range counts once its mark is there, which is after its bytes were checked."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def file(self, path: str) -> Path:
        """Where the pack at this path of the archive is put together."""
        return self._folder_of(path) / Path(path).name

    def put(self, part: Range, content: bytes) -> None:
        file = self.file(part.path)
        file.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(file, os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            done = 0
            while done < len(content):  # a full disk may take less without an error
                done += os.pwrite(handle, content[done:], part.offset + done)
        finally:
            os.close(handle)
        self._mark(part).touch()

    def has(self, part: Range) -> bool:
        return self._mark(part).exists()

    def remove(self, path: str) -> None:
        shutil.rmtree(self._folder_of(path), ignore_errors=True)

    def remove_all(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)

    def _folder_of(self, path: str) -> Path:
        return self._folder / path.replace("/", "_")

    def _mark(self, part: Range) -> Path:
        return self._folder_of(part.path) / f"{part.offset}.checked"
