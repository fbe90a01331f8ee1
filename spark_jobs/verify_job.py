"""Spark application PIVO-Verify: executors read packs of an archive range by range and recompute every object id.

    spark-submit --name PIVO-Verify-{run} verify_job.py --store URL --work FILE

FILE is on the driver's machine and names one pack a line (pivo_verify/checks.py). Reading and Recomputing are jobs with these
descriptions in Spark's UI. Executors need Python 3.11, git, and the archive at its URL, of which they only read. stdout holds lines for
the worker: a `problem` for each file that is not as archived, and `end`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pyspark import SparkContext

from pivo_restore.failure import RestoreFailure
from pivo_restore.plan import Pack, Range, ranges_of
from pivo_restore.report import Reporter
from pivo_restore.stages import Outcome, download
from pivo_restore.store import StoreAddress, open_store
from pivo_spark.application import Stages, add_store_arguments, address_of, failure_of_spark, running_context, scratch_of
from pivo_verify.checks import Problem, check_ids, check_index, check_length, problem_of, read_work

#: Ranges that one task reads, one after the other: 32 MiB.
RANGES_A_TASK = 4
#: Bytes of packs that are on the executors' disks at a time, so that an archive need not fit on them.
BATCH_BYTES = 32 * 2**30


def arguments(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="verify_job.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_store_arguments(parser)
    parser.add_argument("--work", required=True, type=Path, help="file that names one pack a line")
    return parser.parse_args(argv)


def batches(packs: list[Pack], most: int = BATCH_BYTES) -> Iterator[list[Pack]]:
    """Packs in groups of about `most` bytes; a larger one is alone."""
    batch: list[Pack] = []
    for pack in packs:
        if batch and sum(each.bytes for each in batch) + pack.bytes > most:
            yield batch
            batch = []
        batch.append(pack)
    if batch:
        yield batch


class Job:
    """One application: what is wrong so far."""

    def __init__(self, context: SparkContext, reporter: Reporter, address: StoreAddress) -> None:
        self._context = context
        self._scratch = scratch_of(context)
        self._reporter = reporter
        self._stages = Stages(context, reporter)
        self._address = address
        self._problems: dict[str, Problem] = {}
        self.packs = 0
        self.bytes = 0

    def run(self, packs: list[Pack]) -> None:
        try:
            for batch in batches(packs):
                self._lengths(batch)
                self._read([pack for pack in batch if pack.path not in self._problems])
                self._recompute([pack for pack in batch if pack.path not in self._problems])
                self.packs += len(batch)
        finally:
            self._scratch().remove_all()  # of a driver that is its own executor; cluster managers clear their hosts

    def _lengths(self, packs: list[Pack]) -> None:
        address = self._address

        def act(part: Iterator[Pack]) -> Iterator[Outcome]:
            store = open_store(address)
            for pack in part:
                yield check_length(store, pack)
                yield check_index(store, pack)

        for outcome in self._stages.run("Reading", f"{len(packs)} indexes", packs, min(len(packs), 4 * self._context.defaultParallelism), act):
            self._note(outcome)

    def _read(self, packs: list[Pack]) -> None:
        address, scratch = self._address, self._scratch
        ranges = [part for pack in packs for part in ranges_of(pack)]

        def act(part: Iterator[Range]) -> Iterator[Outcome]:
            return iter(download(open_store(address), scratch(), part))

        for outcome in self._stages.run("Reading", f"{sum(pack.bytes for pack in packs)} bytes in {len(ranges)} ranges", ranges, -(-len(ranges) // RANGES_A_TASK), act):
            self._note(outcome)

    def _recompute(self, packs: list[Pack]) -> None:
        address, scratch = self._address, self._scratch
        total = sum(pack.bytes for pack in packs) or 1
        cores = self._context.defaultParallelism
        work = [(pack, max(1, round(cores * pack.bytes / total))) for pack in sorted(packs, key=lambda pack: -pack.bytes)]

        def act(part: Iterator[tuple[Pack, int]]) -> Iterator[Outcome]:
            store = open_store(address)
            return (check_ids(store, scratch(), pack, threads) for pack, threads in part)

        for outcome in self._stages.run("Recomputing", f"ids of {len(work)} packs", work, len(work), act):
            self._note(outcome)
            if outcome.failure is None:
                self._reporter.tell("pack", path=outcome.about, objects=outcome.objects, host=outcome.host, seconds=round(outcome.seconds, 3))

    def _note(self, outcome: Outcome) -> None:
        self.bytes += outcome.bytes
        problem = problem_of(f"{outcome.about.rsplit('.', 1)[0]}.pack", outcome)
        if problem is None or problem.file in self._problems:
            return
        self._problems[problem.file] = problem
        self._reporter.tell("problem", pack=problem.pack, file=problem.file, offset=problem.offset, problem=problem.problem)


def main(argv: list[str]) -> int:
    options = arguments(argv)
    reporter = Reporter()
    failure: dict[str, Any] | None = None
    packs = read = 0
    try:
        with options.work.open(encoding="utf-8") as lines:
            work = list(read_work(lines))
        with running_context(["pivo_restore", "pivo_verify"]) as context:
            reporter.tell("started", application=context.applicationId, name=context.appName, master=context.master, ui=context.uiWebUrl)
            job = Job(context, reporter, address_of(options, context))
            job.run(work)
            packs, read = job.packs, job.bytes
    except RestoreFailure as error:
        failure = error.report()
    except Exception as error:  # Spark's own
        failure = failure_of_spark(error)
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
    reporter.tell("end", packs=packs, bytes=read, failure=failure)
    return 0 if failure is None else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
