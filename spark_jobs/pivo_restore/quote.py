"""Names that are not UTF-8, which JSON holds as git writes them: "caf\\351" in double quotes."""

import re

_ESCAPES = {"a": 7, "b": 8, "t": 9, "n": 10, "v": 11, "f": 12, "r": 13, '"': 34, "\\": 92}
_ESCAPED = re.compile(r'\\(?:([0-3][0-7]{2})|([abtnvfr"\\]))')


def unquote(text: str) -> bytes:
    """The bytes of a name of a plan or snapshot (docs/format.md, "Names"; git's quote.c)."""
    if len(text) < 2 or not (text.startswith('"') and text.endswith('"')):
        return text.encode()
    inner = text[1:-1]
    name = bytearray()
    end = 0
    for match in _ESCAPED.finditer(inner):
        name += inner[end : match.start()].encode()
        octal, letter = match.groups()
        name.append(int(octal, 8) if octal is not None else _ESCAPES[letter])
        end = match.end()
    return bytes(name + inner[end:].encode())
