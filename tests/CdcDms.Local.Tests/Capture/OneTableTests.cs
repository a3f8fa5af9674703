using CdcDms.Contract;
using CdcDms.Local.Capture;
using CdcDms.Testing;
using Npgsql;

namespace CdcDms.Local.Tests.Capture;

/// <summary>A table that cannot go on is given up for itself: its rows, or its changes, keep no other table from being captured.</summary>
public sealed class OneTableTests(TestServers servers)
{
    private const string Tables =
        "CREATE TABLE bad (id int PRIMARY KEY, a text, n numeric(4, 2)); CREATE TABLE good (id int PRIMARY KEY);";

    [Theory]
    [InlineData("INSERT INTO bad VALUES (2, 'x', 'NaN')", "Column n of table public.bad has a value that DECIMAL(4,2), DMS's type for it")]
    [InlineData("INSERT INTO bad VALUES (2, repeat('x', 2000000), 1)", "Column a of table public.bad has a value of 1 MB as text")]
    public async Task A_value_that_does_not_fit_gives_up_its_table_in_the_snapshot_and_in_the_stream(string insert, string cause)
    {
        await using var snapshot = await StartAsync("INSERT INTO bad VALUES (1, 'x', 1); INSERT INTO good VALUES (1);" + insert);
        Assert.Equal(new CaptureTotals(1, 0, 1, 1), await snapshot.Test.RunAsync());
        Assert.Equal(["g001/public/good/LOAD00000001.parquet"], await snapshot.Test.KeysAsync("g001/public/"));
        Assert.Contains("is captured no more", Assert.Single(snapshot.Told), StringComparison.Ordinal);
        Assert.Contains(cause, snapshot.Told[0], StringComparison.Ordinal);

        await using var stream = await StartAsync("");
        Assert.Equal(new CaptureTotals(0, 0, 0), await stream.Test.RunAsync());
        var totals = await stream.Test.RunAsync(
            "INSERT INTO bad VALUES (1, 'x', 1)", insert, "INSERT INTO bad VALUES (3, 'x', 1)", "INSERT INTO good VALUES (1)");
        Assert.Equal(new CaptureTotals(0, 1, 1, 1), totals);
        Assert.Contains(cause, Assert.Single(stream.Told), StringComparison.Ordinal);

        // It stays given up, and is told again.
        Assert.Equal(new CaptureTotals(0, 1, 1, 1), await stream.Test.RunAsync("DELETE FROM bad", "INSERT INTO good VALUES (2)"));
        Assert.Contains(cause, stream.Told[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_row_that_the_source_cannot_send_gives_up_its_table_in_the_snapshot_and_ends_the_stream_with_a_true_sentence()
    {
        await using var started = await StartAsync("");
        var test = started.Test;
        var name = $"win_{Guid.NewGuid():N}";
        await test.Source.ExecuteAsync($"CREATE DATABASE {name} ENCODING 'WIN1252' LOCALE 'C' TEMPLATE template0");
        var settings = new NpgsqlConnectionStringBuilder(test.Options.SourceConnection) { Database = name, Pooling = false };
        await using (var source = NpgsqlDataSource.Create(settings.ConnectionString))
        {
            await ExecuteAsync(Tables + "INSERT INTO bad VALUES (1, chr(129), 1); INSERT INTO good VALUES (1)");
            test.Options = test.Options with { SourceConnection = settings.ConnectionString };
            Assert.Equal(new CaptureTotals(1, 0, 1, 1), await test.RunAsync());
            Assert.Contains("public.bad is captured no more", Assert.Single(started.Told), StringComparison.Ordinal);
            Assert.Contains("its rows cannot be read: character with byte sequence 0x81", started.Told[0], StringComparison.Ordinal);

            // Changes of a table that was given up are not even sent.
            await ExecuteAsync("INSERT INTO good VALUES (2); UPDATE bad SET id = 2");
            Assert.Equal(new CaptureTotals(0, 1, 1, 1), await test.RunAsync());

            await ExecuteAsync("DELETE FROM bad");
            test.Options = test.Options with { Lake = test.Options.Lake with { Prefix = "another" } };
            await test.RunAsync();
            await ExecuteAsync("INSERT INTO bad VALUES (1, chr(129), 1)");
            var fault = await Assert.ThrowsAsync<CdcDmsException>(test.RunAsync);
            Assert.Contains("cannot send a change (character with byte sequence 0x81", fault.Message, StringComparison.Ordinal);
            Assert.Contains("starting it with --generation 2", fault.Message, StringComparison.Ordinal);
            await ExecuteAsync("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = current_database()");

            async Task ExecuteAsync(string sql)
            {
                await using var command = source.CreateCommand(sql);
                await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
            }
        }

        await test.Source.ExecuteAsync($"DROP DATABASE {name} WITH (FORCE)");
    }

    [Fact]
    public async Task A_key_column_that_was_renamed_gives_up_its_table()
    {
        await using var started = await StartAsync("");
        await started.Test.RunAsync();

        var totals = await started.Test.RunAsync(
            "ALTER TABLE bad RENAME id TO number; INSERT INTO bad VALUES (1)", "ALTER TABLE bad RENAME number TO id",
            "INSERT INTO good VALUES (1)");

        Assert.Equal(new CaptureTotals(0, 1, 1, 1), totals);
        Assert.Contains(
            "Column id, of the key of table public.bad, is not in its rows", Assert.Single(started.Told), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_capture_of_which_no_table_is_left_ends_with_a_sentence_and_says_it_again()
    {
        await using var test = await CaptureTest.StartAsync(servers, "CREATE TABLE t (id int PRIMARY KEY)", "public.t");
        await test.RunAsync();
        await test.Source.ExecuteAsync("DROP TABLE t; CREATE TABLE t (id int PRIMARY KEY)");
        for (var start = 0; start < 2; start++)
        {
            var fault = await Assert.ThrowsAsync<CdcDmsException>(test.RunAsync);
            Assert.Equal(ErrorKind.BadData, fault.Kind);
            Assert.Contains(
                "none of its tables is left (public.t: the table was dropped at the source). Load every row anew",
                fault.Message,
                StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Open_files_hold_no_more_than_their_common_memory_and_lose_nothing()
    {
        const int tables = 12;
        var names = Enumerable.Range(0, tables).Select(table => $"t{table}").ToList();
        await using var test = await CaptureTest.StartAsync(
            servers,
            string.Join(';', names.Select(name => $"CREATE TABLE {name} (id int PRIMARY KEY, a text)")),
            [.. names.Select(name => $"public.{name}")]);
        test.Options = test.Options with { OpenMegabytes = 1 };
        await test.RunAsync();

        // 400 kB in each, and all are open at once.
        var totals = await test.RunAsync($"BEGIN; {string.Concat(Enumerable.Repeat(
            string.Concat(names.Select(name =>
                $"INSERT INTO {name} SELECT coalesce(max(id), 0) + 1, repeat('x', 100000) FROM {name};")), 4))} COMMIT");

        Assert.Equal(4 * tables, totals.ChangesCaptured);
        Assert.True(totals.FilesWritten > tables, $"{totals.FilesWritten} files");
        foreach (var name in names)
            Assert.Equal(["1", "2", "3", "4"], await test.ReadAsync($"public.{name}", "SELECT id FROM {0} ORDER BY id"));
    }

    private async Task<Started> StartAsync(string rows)
    {
        var test = await CaptureTest.StartAsync(servers, Tables + rows, "public.bad", "public.good");
        var told = new List<string>();
        test.Options = test.Options with
        {
            ValueMegabytes = 1,
            Progress = new Hears(step => told.AddRange(step.Warning is { } warning ? [warning] : [])),
        };
        return new Started(test, told);
    }

    private sealed record Started(CaptureTest Test, List<string> Told) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => Test.DisposeAsync();
    }
}
