"""What the driver tells the worker: lines of JSON on stdout, each behind a mark, the last one always `end`."""

from __future__ import annotations

import json
import sys
import threading
from typing import Any, TextIO

MARK = "PIVO "


class Reporter:
    """Lines are whole even when several threads tell something."""

    def __init__(self, output: TextIO = sys.stdout) -> None:
        self._output = output
        self._lock = threading.Lock()

    def tell(self, event: str, **facts: Any) -> None:
        line = f"{MARK}{json.dumps({'event': event, **facts}, separators=(',', ':'))}\n"
        with self._lock:
            self._output.write(line)
            self._output.flush()
