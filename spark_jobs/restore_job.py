"""Spark application PIVO-Restore: checks the packs of one or many restores and reconstructs their repositories, ready to push.

    spark-submit --name PIVO-Restore-{repository}-{commit} restore_job.py --store URL --plan restores/{id}/plan.json [--plan …] | --plans FILE

Validation, Download and Reconstruction are jobs with these descriptions in Spark's UI. The driver reads nothing of a pack;
executors need Python 3.11, git, and the archive at its URL. stdout holds lines for the worker (pivo_restore/report.py).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pyspark import SparkContext

from pivo_restore.failure import RestoreFailure
from pivo_restore.plan import Pack, Range, ranges_of, restore_id_of
from pivo_restore.report import Reporter
from pivo_restore.stages import Outcome, complete, download, reconstruct, validate
from pivo_restore.store import StoreAddress, open_store
from pivo_spark.application import Stages, add_store_arguments, address_of, failure_of_spark, running_context, scratch_of

#: Ranges that one task of Download reads, one after the other: 32 MiB.
RANGES_A_TASK = 4


def arguments(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="restore_job.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_store_arguments(parser)
    plans = parser.add_mutually_exclusive_group(required=True)
    plans.add_argument("--plan", action="append", help="restores/{restoreId}/plan.json, once for each restore")
    plans.add_argument("--plans", help="file of the driver's machine with one such path a line, for more than a command line holds")
    return parser.parse_args(argv)


def plans_of(options: argparse.Namespace) -> list[str]:
    """The paths of the plans, each once, in the order given."""
    if options.plans is None:
        return list(dict.fromkeys(options.plan))
    with Path(options.plans).open(encoding="utf-8") as lines:
        return list(dict.fromkeys(line.strip() for line in lines if line.strip()))


class Job:
    """One application: the restores that are still sound, and what became of the others."""

    def __init__(self, context: SparkContext, reporter: Reporter, address: StoreAddress, restore_ids: list[str]) -> None:
        self._context = context
        self._scratch = scratch_of(context)
        self._reporter = reporter
        self._stages = Stages(context, reporter)
        self._address = address
        self._packs: dict[str, list[Pack]] = {restore_id: [] for restore_id in restore_ids}
        self._failures: dict[str, dict[str, Any]] = {}

    def run(self) -> None:
        try:
            self._validate()
            self._download()
            self._reconstruct()
        finally:
            self._scratch().remove_all()  # of a driver that is its own executor; cluster managers clear their hosts

    def _validate(self) -> None:
        address, ids = self._address, list(self._packs)

        def act(part: Iterator[str]) -> Iterator[Outcome]:
            store = open_store(address)
            return (validate(store, restore_id) for restore_id in part)

        tasks = min(len(ids), self._context.defaultParallelism)
        for outcome in self._stages.run("Validation", f"{len(ids)} plans, their visits and packs", ids, tasks, act):
            self._packs[outcome.about] = outcome.packs
            if outcome.failure is not None:
                self._fail(outcome.about, outcome.failure)

    def _download(self) -> None:
        address, scratch = self._address, self._scratch
        ranges = [part for pack in self._needed() for part in ranges_of(pack)]

        def act(part: Iterator[Range]) -> Iterator[Outcome]:
            return iter(download(open_store(address), scratch(), part))

        what = f"{sum(pack.bytes for pack in self._needed())} bytes in {len(ranges)} ranges"
        for outcome in self._stages.run("Download", what, ranges, -(-len(ranges) // RANGES_A_TASK), act):
            if outcome.failure is not None:
                self._fail_pack(outcome.about, outcome.failure)

    def _reconstruct(self) -> None:
        address, scratch = self._address, self._scratch
        packs = sorted(self._needed(), key=lambda pack: -pack.bytes)
        total = sum(pack.bytes for pack in packs) or 1
        cores = self._context.defaultParallelism
        work = [(pack, max(1, round(cores * pack.bytes / total)), self._restores_of(pack.path)) for pack in packs]

        def act(part: Iterator[tuple[Pack, int, list[str]]]) -> Iterator[Outcome]:
            store = open_store(address)
            return (reconstruct(store, scratch(), pack, threads, ids) for pack, threads, ids in part)

        for outcome in self._stages.run("Reconstruction", f"ids of {len(work)} packs", work, len(work), act):
            if outcome.failure is not None:
                self._fail_pack(outcome.about, outcome.failure)
            else:
                self._reporter.tell("pack", path=outcome.about, objects=outcome.objects, bytes=outcome.bytes, host=outcome.host, seconds=round(outcome.seconds, 3))
        self._complete()

    def _complete(self) -> None:
        address = self._address
        work = [(restore_id, packs) for restore_id, packs in self._packs.items() if restore_id not in self._failures]

        def act(part: Iterator[tuple[str, list[Pack]]]) -> Iterator[Outcome]:
            store = open_store(address)
            return (complete(store, restore_id, packs) for restore_id, packs in part)

        tasks = min(len(work), self._context.defaultParallelism)
        for outcome in self._stages.run("Reconstruction", f"refs of {len(work)} repositories", work, tasks, act):
            if outcome.failure is not None:
                self._fail(outcome.about, outcome.failure)

    def endings(self) -> list[dict[str, Any]]:
        """What became of each restore."""
        return [{"restoreId": restore_id, "failure": self._failures.get(restore_id)} for restore_id in self._packs]

    def _needed(self) -> list[Pack]:
        """The packs of the restores that are sound so far, each once."""
        return list({pack.path: pack for restore_id, packs in self._packs.items() if restore_id not in self._failures for pack in packs}.values())

    def _restores_of(self, path: str) -> list[str]:
        return [restore_id for restore_id, packs in self._packs.items() if restore_id not in self._failures and any(pack.path == path for pack in packs)]

    def _fail_pack(self, path: str, failure: dict[str, Any]) -> None:
        for restore_id in self._restores_of(path):
            self._fail(restore_id, failure)

    def _fail(self, restore_id: str, failure: dict[str, Any]) -> None:
        self._failures.setdefault(restore_id, failure)


def main(argv: list[str]) -> int:
    options = arguments(argv)
    reporter = Reporter()
    restores: list[dict[str, Any]] = []
    failure: dict[str, Any] | None = None
    try:
        restore_ids = [restore_id_of(plan) for plan in plans_of(options)]
        with running_context(["pivo_restore"]) as context:
            reporter.tell("started", application=context.applicationId, name=context.appName, master=context.master, ui=context.uiWebUrl)
            job = Job(context, reporter, address_of(options, context), restore_ids)
            job.run()
        restores = job.endings()
    except RestoreFailure as error:
        failure = error.report()
    except Exception as error:  # Spark's own
        failure = failure_of_spark(error)
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
    reporter.tell("end", restores=restores, failure=failure)
    return 0 if failure is None and all(restore["failure"] is None for restore in restores) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
