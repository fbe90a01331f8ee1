"""The files of the bare repository that a restore makes, packs left out (gitrepository-layout(5))."""

from __future__ import annotations

from .plan import Plan
from .quote import unquote


def packed_refs(plan: Plan) -> bytes:
    """The planned refs in git's packed format, sorted by bytes and fully peeled as the header says (refs/packed-backend.c)."""
    rows = sorted((unquote(ref.name), ref) for ref in plan.refs)
    lines = [b"# pack-refs with: peeled fully-peeled sorted \n"]
    for name, ref in rows:
        lines.append(b"%s %s\n" % (ref.oid.encode(), name))
        if ref.peeled is not None:
            lines.append(b"^%s\n" % ref.peeled.encode())
    return b"".join(lines)


def head(plan: Plan) -> bytes:
    """A branch, a commit, or, where the archive knows neither, a name that no branch can have."""
    if plan.head_symref is not None:
        return b"ref: %s\n" % unquote(plan.head_symref)
    return f"{plan.head_oid or 'ref: refs/heads/.invalid'}\n".encode()


def config(object_format: str) -> bytes:
    """A bare repository that is not repacked and takes no push."""
    version, extension = (1, "[extensions]\n\tobjectFormat = sha256\n") if object_format == "sha256" else (0, "")
    core = f"[core]\n\trepositoryformatversion = {version}\n\tfilemode = true\n\tbare = true\n"
    return f"{core}{extension}[gc]\n\tauto = 0\n[receive]\n\thideRefs = refs\n".encode()


def small_files(plan: Plan) -> list[tuple[str, bytes]]:
    """Name and content of everything but the packs."""
    files = [("HEAD", head(plan)), ("config", config(plan.object_format)), ("packed-refs", packed_refs(plan)), ("refs/.keep", b"")]
    if plan.shallow:
        files.append(("shallow", "".join(f"{oid}\n" for oid in plan.shallow).encode()))
    if not plan.packs:
        files.append(("objects/pack/.keep", b""))  # git takes no folder without objects/ for a repository
    return files
