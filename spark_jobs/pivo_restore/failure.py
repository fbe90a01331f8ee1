"""Failures that the worker understands: a kind of contract/failures.ts, a message, a hint and facts."""

from __future__ import annotations

from typing import Any

#: Worth trying again with the same input; every other kind would fail again.
PASSING = frozenset({"StorageUnavailable", "Unavailable"})


class RestoreFailure(Exception):
    """What a task reports instead of its result. `facts` never hold a secret."""

    def __init__(self, kind: str, message: str, hint: str | None = None, **facts: Any) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.hint = hint
        self.facts = facts

    def report(self) -> dict[str, Any]:
        """The failure as JSON, in the shape of `FailureReport`."""
        hint = {} if self.hint is None else {"hint": self.hint}
        return {"kind": self.kind, "message": self.message, **hint, "facts": self.facts}


REPAIR = "Nothing was sent. Run `pivo verify` to see what else is damaged, and ingest again to repair from the origin."


def damaged(path: str, why: str, **facts: Any) -> RestoreFailure:
    """An archived file is not what its visit says."""
    return RestoreFailure("Damaged", f"{path} is damaged{why}", REPAIR, path=path, **facts)
