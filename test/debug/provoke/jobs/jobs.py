"""Spark jobs with one fault each: `jobs.py NAME ARGUMENT…`."""
import os
import sys
import threading
import time

from pyspark.sql import SparkSession
from pyspark.sql import functions as F


def session(name, **conf):
    builder = SparkSession.builder.appName(name)
    for key, value in conf.items():
        builder = builder.config(key.replace("__", "."), value)
    return builder.getOrCreate()


def driver_oom(_):
    """The planner folds a constant of 60 MB into the plan, and copies it."""
    spark = session("daily-revenue")
    wide = spark.range(0, 40, 1, 1).select(F.repeat(F.lit("x"), 60_000_000).alias("payload"))
    print(wide.groupBy().agg(F.collect_list("payload").alias("all")).select(F.size("all")).collect())


def executor_oom(_):
    spark = session("sessionize-clicks")
    wide = spark.range(0, 40, 1, 1).select(F.repeat(F.col("id").cast("string"), 40_000_000).alias("payload"))
    print(wide.groupBy().agg(F.collect_list("payload").alias("all")).select(F.size("all")).collect())


def missing_input(path):
    session("load-orders").read.parquet(path).count()


def wrong_column(_):
    spark = session("orders-by-day")
    spark.range(10).withColumn("created_at", F.current_timestamp()).select("id", "create_at").show()


def permission(path):
    session("publish-report").range(10).write.parquet(path)


def python_crash(_):
    spark = session("score-model")
    def kill(x):
        os._exit(139)
    spark.sparkContext.parallelize(range(4), 2).map(kill).collect()


def missing_module(_):
    spark = session("geo-enrich")
    def enrich(x):
        import geohash2
        return geohash2.encode(x, x)
    spark.sparkContext.parallelize(range(4), 2).map(enrich).collect()


def serialization(_):
    spark = session("rate-limited-export")
    lock = threading.Lock()
    spark.sparkContext.parallelize(range(4), 2).map(lambda x: (lock.acquire(), x)).collect()


def broadcast_timeout(_):
    spark = session("join-customers", spark__sql__broadcastTimeout="1", spark__sql__adaptive__enabled="false")
    slow = F.udf(lambda x: (time.sleep(0.05), x)[1], "long")
    small = spark.range(0, 100, 1, 1).select(slow("id").alias("id"))
    spark.range(1000).join(F.broadcast(small), "id").count()


def divide(_):
    spark = session("ratio-report", spark__sql__ansi__enabled="true")
    spark.range(10).select((F.lit(1) / (F.col("id") - 5)).alias("ratio")).collect()


def bad_cast(_):
    spark = session("import-prices", spark__sql__ansi__enabled="true")
    spark.createDataFrame([("12.50",), ("n/a",)], ["price"]).select(F.col("price").cast("double")).collect()


def result_size(_):
    spark = session("export-all", spark__driver__maxResultSize="1m")
    spark.range(0, 400_000, 1, 4).select(F.sha2(F.col("id").cast("string"), 256)).collect()


def table_missing(_):
    session("refresh-dashboard").sql("SELECT * FROM sales.orders_daily").show()


def path_exists(path):
    session("nightly-export").range(10).write.parquet(path)


def corrupt_parquet(path):
    session("read-events").read.schema("id long").parquet(path).count()


def disk_full(path):
    spark = session("sort-clicks", spark__local__dir=path)
    spark.range(0, 4_000_000, 1, 4).select("id", F.sha2(F.col("id").cast("string"), 256).alias("h")).repartition(8, "h").sort("h").write.format("noop").mode("overwrite").save()


def fetch_failed(path):
    """The shuffle files of a finished stage vanish before the next stage reads them."""
    import glob
    import shutil
    spark = session("top-products", spark__local__dir=path, spark__stage__maxConsecutiveAttempts="2", spark__sql__adaptive__enabled="false", spark__shuffle__io__maxRetries="1", spark__shuffle__io__retryWait="1s")
    pairs = spark.sparkContext.parallelize(range(100_000), 2).map(lambda x: (0 if x % 10 else x, 1)).partitionBy(2)
    pairs.count()
    def lose():
        for folder in glob.glob(path + "/**/blockmgr-*", recursive=True):
            for each in glob.glob(folder + "/*"):
                shutil.rmtree(each, ignore_errors=True)
    lose()
    def slow(part):
        return iter([sum(1 for _ in part)])
    print(pairs.mapPartitions(slow).collect())


def python_type_error(_):
    spark = session("clean-names")
    spark.sparkContext.parallelize(["Ada", None], 2).map(lambda name: name.strip().lower()).collect()


def hdfs_read(path):
    session("daily-load").read.text(path).count()


def steady(path):
    healthy(path, "monthly-summary")


def healthy(path, name="weekly-report"):
    spark = session(name)
    spark.range(0, 10_000, 1, 2).withColumn("day", F.col("id") % 7).groupBy("day").count().write.mode("overwrite").parquet(path)
    print("rows written: 7, errors: 0, failed: 0")


if __name__ == "__main__":
    globals()[sys.argv[1]](sys.argv[2] if len(sys.argv) > 2 else None)
