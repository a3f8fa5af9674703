"""Reduces change files to the last change of each key, as a plan in the lake says.

Spark only reads and leaves out; the merge of what is left, its order and its proof are the pipeline's. So everything here may run twice,
be killed or be repeated: what is left is merged only if it stands for every change of the plan.
"""

import argparse
import json
import sys
from typing import Any

# Each of these would change values, or lose rows without a word, if somebody set it otherwise (Spark 3.5: configuration, Parquet files).
SETTINGS: dict[str, str] = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.caseSensitive": "true",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.parquet.datetimeRebaseModeInRead": "CORRECTED",
    "spark.sql.parquet.datetimeRebaseModeInWrite": "CORRECTED",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    "spark.sql.parquet.writeLegacyFormat": "false",
    "spark.sql.parquet.mergeSchema": "false",
    "spark.sql.files.ignoreCorruptFiles": "false",
    "spark.sql.files.ignoreMissingFiles": "false",
    # A merge takes whole files, as many as fit.
    "spark.sql.files.maxRecordsPerFile": "1000000",
}

BOOKMARK_OPTION = "--job-bookmark-option"
NO_BOOKMARKS = "job-bookmark-disable"


def plan_address(arguments: list[str]) -> str:
    """The plan's address. Glue adds arguments of its own; bookmarks would skip files that the ledger has not seen."""
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--plan", required=True)
    parser.add_argument(BOOKMARK_OPTION, default=NO_BOOKMARKS)
    known, _ = parser.parse_known_args(arguments)
    if known.job_bookmark_option != NO_BOOKMARKS:
        raise SystemExit(f"{BOOKMARK_OPTION} is {known.job_bookmark_option}: set it to {NO_BOOKMARKS}, since bookmarks skip files.")
    return str(known.plan)


def refuse_other_settings(spark: Any) -> None:
    """Stops where a setting is not what it must be, because another one has won."""
    for name, value in SETTINGS.items():
        found = spark.conf.get(name)
        if str(found).lower() != value.lower():
            raise SystemExit(f"{name} is {found} and must be {value}: correct the job's arguments.")


def read_plan(spark: Any, address: str) -> dict[str, Any]:
    """The plan, which Spark reads as it reads the files: with the same role, and no library of a cloud."""
    rows = spark.read.option("wholetext", "true").text(address).collect()
    plan: dict[str, Any] = json.loads(rows[0][0])
    return plan


def reduce_group(spark: Any, group: dict[str, Any]) -> None:
    """Reduces the files of one generation with the same columns. The schema is given: one that is guessed may lack a file's column."""
    names = [f"c{column}" for column in range(len(group["columns"]))]
    changes = spark.read.schema(group["schema"]).parquet(*group["files"]).toDF(*names)
    changes.createOrReplaceTempView("changes")
    spark.sql(group["sql"]).write.mode("overwrite").parquet(group["output"])


def reduce_plan(spark: Any, address: str) -> None:
    """Reduces every group of a plan."""
    refuse_other_settings(spark)
    plan = read_plan(spark, address)
    for number, group in enumerate(plan["groups"], start=1):
        print(f"{plan['table']}: group {number} of {len(plan['groups'])}, {len(group['files'])} files, {group['rows']} changes", flush=True)
        reduce_group(spark, group)


def main(arguments: list[str]) -> None:
    """Runs the job."""
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.appName("reduce-changes")
    for name, value in SETTINGS.items():
        builder = builder.config(name, value)
    reduce_plan(builder.getOrCreate(), plan_address(arguments))


if __name__ == "__main__":
    main(sys.argv[1:])
