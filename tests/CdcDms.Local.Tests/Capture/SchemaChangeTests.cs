using CdcDms.Testing;

namespace CdcDms.Local.Tests.Capture;

/// <summary>Alterations at the source show up in the files written after them (docs/dms-contract.md#schema-changes).</summary>
public sealed class SchemaChangeTests(TestServers servers)
{
    [Fact]
    public async Task Added_dropped_renamed_and_retyped_columns_are_in_later_files_only()
    {
        await using var test = await CaptureTest.StartAsync(servers, "CREATE TABLE t (id int PRIMARY KEY, a text, b int)", "public.t");
        await test.RunAsync();

        // One run: each alteration has to close the file that is open.
        await test.RunAsync(
            "INSERT INTO t VALUES (1, 'x', 2)", "ALTER TABLE t ADD c numeric(9, 2) DEFAULT 7", "INSERT INTO t VALUES (2, 'x', 2)",
            "ALTER TABLE t DROP a", "INSERT INTO t VALUES (3, 2)", "ALTER TABLE t RENAME b TO bb", "INSERT INTO t VALUES (4, 2)",
            "ALTER TABLE t ALTER bb TYPE bigint", "INSERT INTO t VALUES (5, 2)", "UPDATE t SET bb = 9 WHERE id = 1");

        var files = new List<string>();
        foreach (var key in await test.KeysAsync("g001/public/t/"))
        {
            var file = $"read_parquet('{await test.FetchAsync(key)}')";
            files.Add(string.Join(", ", test.Query($"DESCRIBE SELECT * EXCLUDE (Op, cdc_timestamp, cdc_change_seq) FROM {file}").Select(
                column => string.Join(' ', column.Split('|')[..2]))));
        }

        Assert.Equal(
            [
                "id INTEGER, a VARCHAR, b INTEGER",
                "id INTEGER, a VARCHAR, b INTEGER, c DECIMAL(9,2)",
                "id INTEGER, b INTEGER, c DECIMAL(9,2)",
                "id INTEGER, bb INTEGER, c DECIMAL(9,2)",
                "id INTEGER, bb BIGINT, c DECIMAL(9,2)",
            ],
            files);
        Assert.Equal(
            ["1|9|7.00", "5|2|7.00"],
            await test.ReadAsync("public.t", "SELECT id, bb, c FROM {0} WHERE bb IS NOT NULL AND id IN (1, 5) ORDER BY id"));
    }

    [Fact]
    public async Task A_column_that_the_key_s_index_only_includes_is_no_part_of_the_key()
    {
        await using var test = await CaptureTest.StartAsync(
            servers, "CREATE TABLE t (id int, a text, PRIMARY KEY (id) INCLUDE (a)); INSERT INTO t VALUES (1, 'x')", "public.t");
        await test.RunAsync();

        await test.RunAsync("UPDATE t SET a = 'y'", "ALTER TABLE t RENAME a TO b", "UPDATE t SET b = 'z'", "DELETE FROM t");

        Assert.Equal(
            ["U|1|y|∅", "U|1|∅|z", "D|1|∅|∅"],
            await test.ReadAsync("public.t", "SELECT Op, id, a, b FROM {0} WHERE cdc_change_seq <> '' ORDER BY cdc_change_seq"));
    }

    [Fact]
    public async Task A_value_that_is_renamed_below_a_multirange_is_marked()
    {
        await using var test = await CaptureTest.StartAsync(
            servers,
            "CREATE TYPE mood AS ENUM ('sad', 'happy'); "
            + "CREATE TYPE moods AS RANGE (subtype = mood, multirange_type_name = moods_multirange); "
            + "CREATE TABLE t (id int PRIMARY KEY, m moods_multirange)", "public.t");
        await test.RunAsync();

        await test.RunAsync("ALTER TYPE mood RENAME VALUE 'sad' TO 'blue'");

        Assert.Contains("\"Unproven\"", await test.TextAsync("_cdcdms/capture/checkpoint.json"), StringComparison.Ordinal);
    }
}
