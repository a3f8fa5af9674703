using CdcDms.Contract;
using CdcDms.Local.Capture;
using CdcDms.Pipeline.Postgres;
using CdcDms.Testing;

namespace CdcDms.Local.Tests.Capture;

/// <summary>What a change's row holds (docs/dms-contract.md#row-images).</summary>
public sealed class ImageTests(TestServers servers)
{
    private const string Changes = "SELECT Op, id, left(a, 3), b FROM {0} WHERE cdc_change_seq <> '' ORDER BY cdc_change_seq";
    private const string Table =
        "CREATE TABLE t (id text PRIMARY KEY, a text, b int); ALTER TABLE t ALTER a SET STORAGE EXTERNAL, ALTER id SET STORAGE EXTERNAL;";
    private const string Full = Table + "ALTER TABLE t REPLICA IDENTITY FULL";

    [Theory]
    [InlineData(Table, "D|1|∅|∅")]
    [InlineData(Full, "D|1|x|∅")]
    public async Task Inserts_and_updates_carry_the_whole_row_and_deletes_what_the_source_logs(string schema, string delete)
    {
        await using var test = await CaptureTest.StartAsync(servers, schema, "public.t");
        await test.RunAsync();

        await test.RunAsync("INSERT INTO t VALUES ('1', 'x', 2)", "UPDATE t SET b = NULL", "DELETE FROM t");

        Assert.Equal(["I|1|x|2", "U|1|x|∅", delete], await test.ReadAsync("public.t", Changes));
    }

    [Theory]
    [InlineData(Table, "U|1|∅|3")]
    [InlineData(Full, "U|1|xxx|3")]
    public async Task An_unchanged_TOAST_value_comes_from_the_old_row_or_is_NULL(string schema, string update)
    {
        await using var test = await CaptureTest.StartAsync(servers, schema, "public.t");
        await test.RunAsync();

        await test.RunAsync(
            "INSERT INTO t VALUES ('1', repeat('x', 20000), 2)", "UPDATE t SET b = 3", "UPDATE t SET a = repeat('y', 20000)");

        Assert.Equal(["I|1|xxx|2", update, "U|1|yyy|3"], await test.ReadAsync("public.t", Changes));
    }

    [Theory]
    [InlineData(Table, "D|1|∅|∅")]
    [InlineData(Full, "D|1|xxx|2")]
    public async Task A_changed_primary_key_is_a_delete_and_a_later_insert(string schema, string delete)
    {
        await using var test = await CaptureTest.StartAsync(servers, schema + "; INSERT INTO t VALUES ('1', 'xxx', 2)", "public.t");
        await test.RunAsync();

        await test.RunAsync("UPDATE t SET id = '2'");

        Assert.Equal([delete, "I|2|xxx|2"], await test.ReadAsync("public.t", Changes));
        Assert.Equal(["2"], await test.ReadAsync("public.t", "SELECT count(DISTINCT cdc_change_seq) FROM {0} WHERE cdc_change_seq <> ''"));
    }

    [Fact]
    public async Task A_large_value_that_a_changed_key_leaves_alone_is_read_at_the_source()
    {
        await using var test = await CaptureTest.StartAsync(
            servers, Table + "INSERT INTO t SELECT i, repeat('x', 20000), i FROM generate_series(1, 4) i", "public.t");
        await test.RunAsync();

        // Moved once, moved twice, moved and deleted, moved before the value changed: what is there when the change is read may be newer.
        await test.RunAsync(
            "UPDATE t SET id = '10' WHERE id = '1'", "UPDATE t SET id = '20' WHERE id = '2'", "UPDATE t SET id = '21' WHERE id = '20'",
            "UPDATE t SET id = '30' WHERE id = '3'", "DELETE FROM t WHERE id = '30'", "UPDATE t SET id = '40' WHERE id = '4'",
            "UPDATE t SET a = repeat('y', 20000) WHERE id = '40'");

        Assert.Equal(
            [
                "D|1|∅|∅", "I|10|xxx|1", "D|2|∅|∅", "U|20|∅|2", "D|20|∅|∅", "I|21|xxx|2", "D|3|∅|∅", "U|30|∅|3", "D|30|∅|∅",
                "D|4|∅|∅", "I|40|yyy|4", "U|40|yyy|4",
            ],
            await test.ReadAsync("public.t", Changes));
        Assert.Contains("\"marks\":[]", await test.TextAsync("_cdcdms/capture/checkpoint.json"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_large_value_that_nobody_can_say_is_not_claimed_to_be_NULL_and_marks_the_table()
    {
        await using var test = await CaptureTest.StartAsync(
            servers, Table + "INSERT INTO t VALUES ('1', repeat('x', 20000), 1), ('2', repeat('x', 20000), 2)", "public.t");
        var told = new List<string>();
        test.Options = test.Options with { Progress = new Hears(step => told.AddRange(step.Warning is { } text ? [text] : [])) };
        await test.RunAsync();

        await test.RunAsync("UPDATE t SET id = id || '0'", "ALTER TABLE t RENAME a TO aa");

        Assert.Equal(["D|1|∅|∅", "U|10|∅|1", "D|2|∅|∅", "U|20|∅|2"], await test.ReadAsync("public.t", Changes));
        Assert.Single(told, text => text.Contains("a row got another key and kept a large value", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_capture_that_waits_for_a_locked_table_stops_when_it_is_told_to_and_loses_nothing()
    {
        await using var test = await CaptureTest.StartAsync(
            servers, Table + "INSERT INTO t VALUES ('1', repeat('x', 20000), 1)", "public.t");
        await test.RunAsync();
        await using (var other = await test.Source.OpenAsync())
        {
            await other.ExecuteAsync("UPDATE t SET id = '10'", TestContext.Current.CancellationToken);
            await other.ExecuteAsync("BEGIN; LOCK t", TestContext.Current.CancellationToken);
            using var cancel = new CancellationTokenSource();
            var running = CaptureJob.RunAsync(test.Options, cancel.Token);
            await test.WaitAsync("SELECT count(*) = 1 FROM pg_locks WHERE relation = 't'::regclass AND NOT granted");
            await cancel.CancelAsync();
            await running.WaitAsync(TimeSpan.FromMinutes(1));
            await other.ExecuteAsync("ROLLBACK", TestContext.Current.CancellationToken);
        }

        await test.RunAsync();

        var once = Changes.Replace("SELECT Op", "SELECT DISTINCT ON (cdc_change_seq) Op", StringComparison.Ordinal);
        Assert.Equal(["D|1|∅|∅", "I|10|xxx|1"], await test.ReadAsync("public.t", once));
    }

    [Fact]
    public async Task A_column_that_the_definition_leaves_out_is_in_no_file_and_troubles_nobody()
    {
        await using var test = await CaptureTest.StartAsync(
            servers, Table + "ALTER TABLE t ADD secret text; INSERT INTO t VALUES ('1', 'x', 1, repeat('s', 2000000))", "public.t");
        var leaving = test.Options.Tables[0] with { LeaveOut = ["secret"] };
        test.Options = test.Options with { ValueMegabytes = 1, Tables = [leaving with { LeaveOut = ["secret", "id"] }] };
        Assert.Contains(
            "leaves out column id, which is in its key",
            (await Assert.ThrowsAsync<CdcDmsException>(test.RunAsync)).Message,
            StringComparison.Ordinal);
        test.Options = test.Options with { Tables = [leaving] };
        await test.RunAsync();

        // Too large for the capture, kept by a changed key, altered: nobody reads it.
        var totals = await test.RunAsync(
            "INSERT INTO t VALUES ('2', 'y', 2, repeat('s', 2000000))", "UPDATE t SET id = '3' WHERE id = '2'",
            "ALTER TABLE t ALTER secret TYPE varchar USING 'other'", "UPDATE t SET b = 4 WHERE id = '3'");

        Assert.Equal(new CaptureTotals(0, 4, 1), totals);
        Assert.Equal(["I|2|y|2", "D|2|∅|∅", "I|3|y|2", "U|3|y|4"], await test.ReadAsync("public.t", Changes));
        foreach (var key in await test.KeysAsync("g001/public/t/"))
            Assert.DoesNotContain(
                test.Query($"DESCRIBE SELECT * FROM read_parquet('{await test.FetchAsync(key)}')"),
                column => column.StartsWith("secret", StringComparison.Ordinal));
        Assert.Contains("\"marks\":[]", await test.TextAsync("_cdcdms/capture/checkpoint.json"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_stored_out_of_line_that_did_not_change_stays_an_update()
    {
        await using var test = await CaptureTest.StartAsync(
            servers, Table + "INSERT INTO t VALUES (repeat('k', 2500), 'a', 2)", "public.t");
        await test.RunAsync();

        await test.RunAsync("UPDATE t SET b = 3");

        Assert.Equal(["U|2500|3"], await test.ReadAsync("public.t", "SELECT Op, length(id), b FROM {0} WHERE cdc_change_seq <> ''"));
    }

    [Fact]
    public async Task A_truncated_table_writes_nothing_and_is_told()
    {
        await using var test = await CaptureTest.StartAsync(servers, Table, "public.t");
        var told = new List<CaptureProgress>();
        test.Options = test.Options with { Progress = new Hears(told.Add) };
        await test.RunAsync();

        var totals = await test.RunAsync("TRUNCATE t");

        Assert.Equal(new CaptureTotals(0, 0, 0), totals);
        Assert.Contains(
            "public.t may differ from the source", Assert.Single(told, step => step.Warning is not null).Warning, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rows_of_one_statement_are_told_apart_or_differ_in_their_key()
    {
        await using var test = await CaptureTest.StartAsync(servers, Table, "public.t");
        await test.RunAsync();

        await test.RunAsync(
            "INSERT INTO t SELECT i, 'x', i FROM generate_series(1, 1000) i", "UPDATE t SET b = b + 1", "UPDATE t SET b = b + 1");

        Assert.Equal(["3000|3000"], await test.ReadAsync("public.t", "SELECT count(*), count(DISTINCT (id, cdc_change_seq)) FROM {0}"));
        Assert.Equal(["1000"], await test.ReadAsync(
            "public.t",
            "SELECT count(*) FROM (SELECT id, arg_max(b, cdc_change_seq) AS last FROM {0} GROUP BY id) WHERE last = id::INT + 2"));
    }
}
