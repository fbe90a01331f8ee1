"""Spark jobs with one known fault each, and two without: `spark-submit faults.py NAME`; test/tuning/spark-jobs.ts says how each is run."""
import sys
import time

from pyspark.sql import SparkSession, Window
from pyspark.sql import functions as F


def work(column, rounds: int = 6):
    """A column that costs time of a processor, in the JVM."""
    for _ in range(rounds):
        column = F.sha2(column.cast("string"), 512)
    return column


def drain(frame) -> None:
    """Runs a query to its end and keeps nothing."""
    frame.write.format("noop").mode("overwrite").save()


def skewed(spark) -> None:
    """Nine of ten rows have one key, and a window cannot be split."""
    rows = spark.range(0, 1_000_000, 1, 8).withColumn("key", F.when(F.col("id") % 10 < 9, F.lit(0)).otherwise(F.col("id") % 97))
    ranked = rows.withColumn("place", F.row_number().over(Window.partitionBy("key").orderBy(F.col("id").desc())))
    drain(ranked.select("key", work(F.col("place"), 24)))


def spilling(spark) -> None:
    """Each of two partitions is many times what a task may hold."""
    rows = spark.range(0, 2_000_000, 1, 4).select(F.sha2(F.col("id").cast("string"), 512).alias("text"), "id")
    drain(rows.repartition(2, "id").sortWithinPartitions("text"))


def over_partitioned(spark) -> None:
    """Six hundred partitions for some kilobytes."""
    drain(spark.range(0, 6_000, 1, 2).repartition(600, "id").withColumn("text", F.sha2(F.col("id").cast("string"), 256)))


def under_partitioned(spark) -> None:
    """One partition where four could run."""
    drain(spark.range(0, 600_000, 1, 1).select(work(F.col("id"), 8)))


def gc_bound(spark) -> None:
    """Hundreds of thousands of small lists live at once in a heap that hardly holds them."""
    rows = spark.range(0, 2_500_000, 1, 8).select((F.col("id") % 900_000).alias("key"), "id")
    drain(rows.groupBy("key").agg(F.collect_list("id")))


def missed_broadcast(spark) -> None:
    """A join with a hundred rows that shuffles and sorts the millions."""
    facts = spark.range(0, 2_000_000, 1, 8).select((F.col("id") % 100).alias("key"), F.sha2(F.col("id").cast("string"), 256).alias("text"), (F.col("id") % 1_000).alias("part"))
    names = spark.range(0, 100, 1, 1).select(F.col("id").alias("key"), F.col("id").cast("string").alias("name"))
    drain(facts.join(names, "key").select("text", "name"))


def idle_executors(spark) -> None:
    """The driver works alone while three executors wait."""
    drain(spark.range(0, 100_000, 1, 6).select(work(F.col("id"))))
    time.sleep(40)
    drain(spark.range(0, 100_000, 1, 6).select(work(F.col("id"))))


def healthy_scan(spark) -> None:
    """Even partitions, several for each slot."""
    drain(spark.range(0, 4_000_000, 1, 8).select(work(F.col("id"))))


def healthy_aggregation(spark) -> None:
    """An even shuffle of a fitting number of partitions, and a join that is broadcast."""
    names = spark.range(0, 50, 1, 1).select(F.col("id").alias("key"), F.col("id").cast("string").alias("name"))
    facts = spark.range(0, 3_000_000, 1, 8).select((F.col("id") % 50).alias("key"), work(F.col("id"), 4).alias("text"))
    totals = facts.join(F.broadcast(names), "key").groupBy(F.substring("text", 1, 3), "name").agg(F.count("*"), F.max("text").alias("most"))
    drain(totals.select("name", work(F.col("most"), 4)))


if __name__ == "__main__":
    name = sys.argv[1]
    with SparkSession.builder.appName(name.replace("_", "-")).getOrCreate() as session:
        globals()[name](session)
