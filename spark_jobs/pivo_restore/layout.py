"""Where files lie in the archive, as archive/layout.ts has it."""


def plan_path(restore_id: str) -> str:
    return f"restores/{restore_id}/plan.json"


def visit_path(repository: str, seq: int) -> str:
    return f"backups/{repository}/visits/{seq}.json"


def pack_path(repository: str, pack: str) -> str:
    return f"backups/{repository}/objects/pack/{pack}.pack"


def repository_path(restore_id: str, name: str) -> str:
    """A file of the bare repository that a restore makes."""
    return f"restores/{restore_id}/repository.git/{name}"


def reconstruction_path(restore_id: str) -> str:
    """Written last: the repository beside it is complete."""
    return f"restores/{restore_id}/reconstruction.json"
