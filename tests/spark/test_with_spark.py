"""The job with a real Spark on this machine, over files of the pipeline, beside what DuckDB leaves by the same plan and the same SQL."""

import json
import pathlib
import tempfile
import typing
import unittest

from test_reduce_changes import job

try:
    from pyspark.sql import DataFrame, SparkSession
except ImportError:
    SparkSession = None

FIXTURE = pathlib.Path(__file__).parent / "fixture"

# Each value as both engines tell it: a text alone would be written by each in its own way.
TEXTS: dict[str, str] = {
    "timestamp": "CAST(unix_micros({0}) AS string)",
    "binary": "hex({0})",
    "date": "CAST(unix_date({0}) AS string)",
    "float": "lower(CAST({0} AS string))",
    "double": "lower(CAST({0} AS string))",
}


def lines(left: "DataFrame") -> list[str]:
    """The rows, as the fixture has them."""
    texts = [f"coalesce({TEXTS.get(kind, 'CAST({0} AS string)').format(name)}, '∅')" for name, kind in left.dtypes]
    rows: list[typing.Any] = left.selectExpr(f"concat_ws(' | ', {', '.join(texts)}) AS line").collect()
    return sorted(row["line"] for row in rows)


@unittest.skipIf(SparkSession is None, "pyspark is not installed: docs/development.md says how to run this test")
class WithSpark(unittest.TestCase):
    def test_spark_leaves_what_duckdb_leaves(self) -> None:
        builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
        for name, value in job.SETTINGS.items():
            builder = builder.config(name, value)
        spark = builder.getOrCreate()
        self.addCleanup(spark.stop)
        with tempfile.TemporaryDirectory() as folder:
            # The plan's addresses are of a bucket; here they are folders.
            text = (FIXTURE / "plan.json").read_text(encoding="utf-8")
            plan = json.loads(text.replace("s3://lake/out/", f"{folder}/out/").replace("s3://lake/", f"{FIXTURE}/"))
            (pathlib.Path(folder) / "plan.json").write_text(json.dumps(plan), encoding="utf-8")
            job.reduce_plan(spark, f"{folder}/plan.json")
            for group in plan["groups"]:
                left = spark.read.parquet(group["output"])
                stands_for = sum(row["stands_for"] for row in left.select("stands_for").collect())
                self.assertEqual(stands_for, group["rows"])
                expected = FIXTURE / f"{pathlib.Path(group['output']).name}.json"
                self.assertEqual(lines(left), sorted(json.loads(expected.read_text(encoding="utf-8"))))


if __name__ == "__main__":
    unittest.main()
