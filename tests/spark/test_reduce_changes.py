"""The job without Spark: a recorder stands in the place of the session, and Python's own library is enough."""

import ast
import importlib.util
import json
import pathlib
import types
import unittest

SCRIPT = pathlib.Path(__file__).parents[2] / "infra" / "Spark" / "reduce_changes.py"


def load() -> types.ModuleType:
    spec = importlib.util.spec_from_file_location("reduce_changes", SCRIPT)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


job = load()

PLAN = {
    "table": "public.people",
    "groups": [
        {
            "columns": [{"name": "id"}, {"name": "name"}],
            "files": ["s3://lake/a.parquet", "s3://lake/b.parquet"],
            "schema": "`id` int, `name` string",
            "rows": 3,
            "sql": "SELECT 1",
            "output": "s3://lake/out/0000/",
        },
        {
            "columns": [{"name": "id"}],
            "files": ["s3://lake/c.parquet"],
            "schema": "`id` int",
            "rows": 1,
            "sql": "SELECT 2",
            "output": "s3://lake/out/0001/",
        },
    ],
}


class Recorder:
    """Says of every call what was called with what, and is itself what every call answers."""

    def __init__(self, settings: dict[str, str], calls: list[tuple] | None = None) -> None:
        self.settings = settings
        self.calls: list[tuple] = [] if calls is None else calls

    @property
    def conf(self) -> "Recorder":
        return self

    @property
    def read(self) -> "Recorder":
        return self

    @property
    def write(self) -> "Recorder":
        return self

    def get(self, name: str) -> str:
        return self.settings[name]

    def collect(self) -> list[list[str]]:
        return [[json.dumps(PLAN)]]

    def __getattr__(self, name: str):
        def call(*arguments):
            self.calls.append((name, *arguments))
            return self

        return call


class ReduceChanges(unittest.TestCase):
    def reduced(self) -> list[tuple]:
        spark = Recorder(dict(job.SETTINGS))
        job.reduce_plan(spark, "s3://lake/plan.json")
        return spark.calls

    def test_each_group_is_read_by_its_own_schema_and_written_to_its_own_folder(self) -> None:
        calls = self.reduced()
        self.assertIn(("schema", "`id` int, `name` string"), calls)
        self.assertIn(("parquet", "s3://lake/a.parquet", "s3://lake/b.parquet"), calls)
        self.assertIn(("toDF", "c0", "c1"), calls)
        self.assertIn(("parquet", "s3://lake/out/0001/"), calls)
        self.assertEqual([call for call in calls if call[0] == "sql"], [("sql", "SELECT 1"), ("sql", "SELECT 2")])

    def test_what_an_earlier_attempt_left_is_overwritten(self) -> None:
        self.assertEqual([call for call in self.reduced() if call[0] == "mode"], [("mode", "overwrite")] * 2)

    def test_settings_that_lose_or_change_rows_are_refused(self) -> None:
        for name in job.SETTINGS:
            with self.subTest(name), self.assertRaisesRegex(SystemExit, name):
                job.reduce_plan(Recorder({**job.SETTINGS, name: "other"}), "s3://lake/plan.json")

    def test_bookmarks_are_refused_and_other_arguments_of_glue_are_not(self) -> None:
        self.assertEqual(job.plan_address(["--plan", "s3://p", "--JOB_ID", "j", "--job-bookmark-option", "job-bookmark-disable"]), "s3://p")
        with self.assertRaisesRegex(SystemExit, "bookmarks skip files"):
            job.plan_address(["--plan", "s3://p", "--job-bookmark-option", "job-bookmark-enable"])

    def test_no_library_of_a_cloud_is_imported_and_spark_only_to_run(self) -> None:
        tree = ast.parse(SCRIPT.read_text(encoding="utf-8"))
        imported = {
            name.split(".")[0]
            for node in ast.walk(tree)
            for name in (
                [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            )
        }
        self.assertEqual(imported, {"argparse", "json", "sys", "typing", "pyspark"})
        top = [node.module for node in tree.body if isinstance(node, ast.ImportFrom)]
        self.assertNotIn("pyspark.sql", top)

    def test_every_function_says_its_types(self) -> None:
        for node in ast.walk(ast.parse(SCRIPT.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                with self.subTest(node.name):
                    self.assertIsNotNone(node.returns)
                    self.assertTrue(all(argument.annotation for argument in node.args.args))


if __name__ == "__main__":
    unittest.main()
