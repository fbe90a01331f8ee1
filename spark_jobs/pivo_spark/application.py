"""A Spark application of PIVO: how the archive is named on its command line, its context, and lists of work run through executors."""

from __future__ import annotations

import argparse
import os
import tempfile
import threading
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol, TypeVar

from pyspark import SparkConf, SparkContext

from pivo_restore.failure import RestoreFailure
from pivo_restore.hadoop_names import to_webhdfs
from pivo_restore.report import Reporter
from pivo_restore.scratch import Scratch, scratch_folder
from pivo_restore.store import StoreAddress

#: Seconds between two looks at how many tasks are done.
LOOK_AGAIN = 0.25


class Counted(Protocol):
    """What a task tells the driver."""

    bytes: int


Item = TypeVar("Item")
Told = TypeVar("Told", bound=Counted)


def add_store_arguments(parser: argparse.ArgumentParser) -> None:
    """How to reach the archive; the same for every job."""
    parser.add_argument("--store", required=True, help="file:///path, webhdfs://namenode:9870/path or hdfs://namenode/path")
    parser.add_argument("--user", help="user.name of WebHDFS")
    parser.add_argument("--token-file", type=Path, help="delegation token in its URL-safe form")
    parser.add_argument("--ca-file", type=Path, help="certificates (PEM) that the cluster's TLS is signed by")
    parser.add_argument("--datanode", action="append", default=[], help="host that WebHDFS may redirect to; none: any")


def address_of(options: argparse.Namespace, context: SparkContext) -> StoreAddress:
    hadoop = context._jsc.hadoopConfiguration()
    hadoop.addResource("hdfs-site.xml")
    return StoreAddress(
        url=to_webhdfs(options.store, hadoop.get),
        user=options.user,
        token=options.token_file and options.token_file.read_text().strip(),
        ca=options.ca_file and options.ca_file.read_text(),
        datanodes=tuple(options.datanode),
    )


def scratch_of(context: SparkContext) -> Callable[[], Scratch]:
    """Opens, on an executor, the scratch space of this application there."""
    application, configured = context.applicationId, context.getConf().get("spark.local.dir")
    return lambda: Scratch(scratch_folder(os.environ, application, configured))


@contextmanager
def running_context(packages: Sequence[str]) -> Iterator[SparkContext]:
    """A context whose executors have these packages of spark_jobs/; stopped in the end."""
    conf = SparkConf().setIfMissing("spark.ui.showConsoleProgress", "false")
    conf.set("spark.speculation", "false")  # two attempts at one pack would only be in each other's way
    with tempfile.TemporaryDirectory() as folder, SparkContext(conf=conf) as context:
        package = Path(folder) / "pivo.zip"
        with zipfile.ZipFile(package, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in packages:
                for source in sorted((Path(__file__).parent.parent / name).glob("*.py")):
                    archive.write(source, f"{name}/{source.name}")
        context.addPyFile(str(package))  # executors fetch it from here when they start
        yield context


class Stages:
    """Runs lists of items through executors, and tells how far each stage is."""

    def __init__(self, context: SparkContext, reporter: Reporter) -> None:
        self._context = context
        self._reporter = reporter

    def run(self, stage: str, what: str, items: list[Item], tasks: int, act: Callable[[Iterator[Item]], Iterator[Told]]) -> list[Told]:
        if not items:
            return []
        group = f"{stage}: {what}"
        self._context.setJobGroup(group, group, interruptOnCancel=True)
        bytes_done = self._context.accumulator(0)

        def counting(part: Iterator[Item]) -> Iterator[Told]:
            for outcome in act(part):
                bytes_done.add(outcome.bytes)
                yield outcome

        with self._watching(stage, group, tasks, lambda: bytes_done.value):
            return self._context.parallelize(items, tasks).mapPartitions(counting).collect()

    @contextmanager
    def _watching(self, stage: str, group: str, tasks: int, bytes_done: Callable[[], int]) -> Iterator[None]:
        ended = threading.Event()
        tracker = self._context.statusTracker()

        def tell(done: int) -> None:
            self._reporter.tell("progress", phase=stage, done=done, total=tasks, bytes=bytes_done())

        def completed() -> int:
            jobs = (tracker.getJobInfo(job) for job in tracker.getJobIdsForGroup(group))
            stages = (tracker.getStageInfo(each) for job in jobs if job for each in job.stageIds)
            return sum(each.numCompletedTasks for each in stages if each)

        def watch() -> None:
            last = 0
            while not ended.wait(LOOK_AGAIN):
                done = completed()
                if done != last:
                    tell(done)
                last = done

        tell(0)
        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        try:
            yield
        finally:
            ended.set()
            watcher.join()
        tell(tasks)


def failure_of_spark(error: Exception) -> dict[str, Any]:
    """Spark's own: no resources, a lost cluster, an executor that dies again and again."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()] or [type(error).__name__]
    return RestoreFailure("Unavailable", f"Spark failed: {' '.join(lines[:3])[:1000]}", "Look at the application in Spark's UI; it is tried again.").report()
