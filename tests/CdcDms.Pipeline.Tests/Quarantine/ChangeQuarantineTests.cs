using CdcDms.Pipeline.Quarantine;

namespace CdcDms.Pipeline.Tests.Quarantine;

/// <summary>A change that cannot be applied is put aside; it advances nothing and stops nothing.</summary>
public sealed class ChangeQuarantineTests(TestServers servers) : MergeFixture(servers)
{
    [Theory]
    [InlineData("SELECT 'I' AS op, 1 AS v, NULL::INTEGER AS id, 'ada' AS name", "its key (\"id\") has a NULL")]
    [InlineData("SELECT 'X' AS op, 1 AS v, 1 AS id, 'ada' AS name", "its Op is none of I, U and D")]
    [InlineData("SELECT NULL::VARCHAR AS op, 1 AS v, 1 AS id, 'ada' AS name", "its Op is none of I, U and D")]
    [InlineData("SELECT 'I' AS op, NULL::INTEGER AS v, 1 AS id, 'ada' AS name", "no change sequence of 35 digits")]
    [InlineData("SELECT 'I' AS op, 'x' AS v, 1 AS id, 'ada' AS name", "no change sequence of 35 digits")]
    public async Task A_row_that_cannot_be_ordered_is_put_aside_and_the_rest_commits(string select, string sentence)
    {
        await Lake.ChangeAsync(People, 'I', 1, 7, "good");
        await MergeAsync(People);
        await Lake.ChangeAsync(People, 'U', 2, 7, "better");
        await Lake.CdcAsync(People, select);

        Assert.Equal(new RowCounts { Read = 2, Updated = 1, Quarantined = 1 }, await MergeAsync(People));

        var change = Assert.Single(await QuarantineAsync());
        Assert.Contains(sentence, change.Error, StringComparison.Ordinal);
        Assert.Contains("ada", change.Change, StringComparison.Ordinal);
        Assert.Equal("malformed", change.Reason);
        Assert.Equal("7=better", await PeopleAsync());
    }

    [Theory]
    [InlineData("SELECT 'X' AS op, 1 AS v, 1 AS id, 'ada' AS name", "its Op is none of I, U and D")]
    [InlineData("SELECT 'I' AS op, 1 AS v, 1 AS id, 'too long' AS name", "error 22001 (string data right truncation: type ")]
    public async Task With_the_policy_fail_a_bad_row_stops_its_batch(string select, string sentence)
    {
        await TargetAsync("id integer PRIMARY KEY, name varchar(5)");
        await Lake.ChangeAsync(Bare, 'U', 2, 7, "good");
        await Lake.CdcAsync(Bare, select);

        await AssertRefusedAsync(Bare with { BadRows = BadRowPolicy.Fail }, ErrorKind.BadData, sentence);

        Assert.Equal("", await PeopleAsync());
        Assert.Empty(await QuarantineAsync());
    }

    [Theory]
    [InlineData("'0' || repeat('1', 33)")]
    [InlineData("repeat('1', 36)")]
    [InlineData("repeat('1', 34) || ' '")]
    [InlineData("'-' || repeat('1', 34)")]
    [InlineData("repeat('١', 35)")]
    public async Task A_sequence_is_35_digits(string version)
    {
        var made = DateTime.UtcNow.Date;
        await Lake.PutAsync(
            Lake.CdcKey(People, made, made),
            $"SELECT 'I' AS \"Op\", {version} AS cdc_change_seq, 1 AS id, 'ada' AS name");

        Assert.Equal(new RowCounts { Read = 1, Quarantined = 1 }, await MergeAsync(People));

        Assert.Contains("35 digits", Assert.Single(await QuarantineAsync()).Error, StringComparison.Ordinal);
        Assert.Equal("", await PeopleAsync());
    }

    [Fact]
    public async Task Every_refused_row_is_put_aside_alone_with_its_version_and_error()
    {
        await TargetAsync("id integer PRIMARY KEY CHECK (id <> 500), name varchar(9) NOT NULL");
        await Lake.LoadAsync(Bare, 1, "SELECT range::INTEGER AS id, 'n' || range AS name FROM range(1000)");
        await Lake.CdcAsync(
            Bare,
            "SELECT 'U' AS op, range + 1 AS v, range::INTEGER AS id, "
            + "CASE WHEN range = 7 THEN 'much too long' WHEN range <> 900 THEN 'u' || range END AS name FROM range(1000)");

        Assert.Equal(new RowCounts { Read = 2000, Inserted = 999, Updated = 997, Quarantined = 4 }, await MergeAsync(Bare));

        Assert.Equal(
            [
                (TestLake.Version(0), "violates check constraint"), (TestLake.Version(8), "too long"),
                (TestLake.Version(501), "violates check constraint"), (TestLake.Version(901), "violates not-null constraint"),
            ],
            (await QuarantineAsync()).Select(change => (change.Version, Sentence(change.Error))));
        await AssertAnswerAsync<string>(
            "n7n900",
            "SELECT string_agg(name, '' ORDER BY id) FROM analytics.people WHERE id IN (7, 500, 900)");
    }

    private static string Sentence(string error) =>
        new[] { "violates check constraint", "too long", "violates not-null constraint" }
            .First(sentence => error.Contains(sentence, StringComparison.Ordinal));

    [Fact]
    public async Task A_quarantined_change_advances_nothing_and_a_later_good_version_closes_it()
    {
        await TargetAsync("id integer PRIMARY KEY, name varchar(5)");
        await Lake.ChangeAsync(Bare, 'I', 1, 1, "ada");
        await Lake.ChangeAsync(Bare, 'U', 5, 1, "too long");
        await MergeAsync(Bare, batchBytes: 1);
        await Lake.ChangeAsync(Bare, 'U', 3, 1, "bob");
        await MergeAsync(Bare);
        Assert.Equal("1=bob", await PeopleAsync());
        Assert.Single(await QuarantineAsync());

        await Lake.ChangeAsync(Bare, 'U', 6, 1, "cyd");
        await MergeAsync(Bare);

        Assert.Equal("1=cyd", await PeopleAsync());
        Assert.Empty(await QuarantineAsync());
        Assert.Equal("superseded", await Analytics.ScalarAsync<string>("SELECT closed_by FROM cdc.quarantine"));
    }

    [Fact]
    public async Task A_quarantined_change_is_closed_by_a_newer_delete()
    {
        await TargetAsync("id integer PRIMARY KEY, name varchar(5)");
        await Lake.ChangeAsync(Bare, 'U', 5, 1, "too long");
        await MergeAsync(Bare);
        await Lake.ChangeAsync(Bare, 'D', 6, 1, null);

        Assert.Equal(new RowCounts { Read = 1, Deleted = 1 }, await MergeAsync(Bare));

        Assert.Empty(await QuarantineAsync());
    }

    [Fact]
    public async Task With_soft_deletes_a_quarantined_image_is_still_wanted_after_a_newer_delete()
    {
        var soft = Bare with { Deletes = DeleteMode.Soft };
        await TargetAsync("id integer PRIMARY KEY, name varchar(5)");
        await Lake.ChangeAsync(soft, 'U', 5, 1, "too long");
        await MergeAsync(soft);
        await Lake.ChangeAsync(soft, 'D', 6, 1, null);
        await MergeAsync(soft);
        Assert.Single(await QuarantineAsync());
        await Analytics.ExecuteAsync("ALTER TABLE analytics.people ALTER name TYPE text");

        Assert.Equal(new RetryResult(Closed: 1, Open: 0), await RetryAsync(soft));

        await AssertAnswerAsync<string>(
            "too long 6", "SELECT name || ' ' || mod(_cdc_delete_version, 1e35) FROM analytics.people WHERE _cdc_deleted");
    }

    [Fact]
    public async Task A_quarantined_change_is_closed_by_a_generation_above_it()
    {
        await TargetAsync("id integer PRIMARY KEY, name varchar(5)");
        await Lake.ChangeAsync(Bare, 'U', 200, 1, "too long");
        Lake.Generation = 2;
        await Lake.ChangeAsync(Bare, 'U', 5, 2, "too long");
        await MergeAsync(Bare);
        Assert.Equal(2, (await QuarantineAsync()).Count);
        await Lake.ManifestAsync(Bare);

        await MergeAsync(Bare);

        Assert.Equal(TestLake.Version(5, generation: 2), Assert.Single(await QuarantineAsync()).Version);
    }

    [Fact]
    public async Task A_bad_change_that_comes_after_a_better_one_is_only_stale()
    {
        await TargetAsync("id integer PRIMARY KEY, name varchar(5)");
        await Lake.ChangeAsync(Bare, 'U', 6, 1, "cyd");
        await Lake.ChangeAsync(Bare, 'D', 6, 2, null);
        await MergeAsync(Bare);
        await ChangesAsync(Bare, "('U', 5, 1, 'too long')", "('U', 5, 2, 'too long')");

        Assert.Equal(new RowCounts { Read = 2, Stale = 2 }, await MergeAsync(Bare));

        Assert.Empty(await QuarantineAsync());
    }

    [Fact]
    public async Task The_same_bad_change_in_another_file_is_put_aside_once()
    {
        await TargetAsync("id integer PRIMARY KEY, name varchar(5)");
        for (var file = 0; file < 2; file++)
        {
            await Lake.ChangeAsync(Bare, 'U', 5, 1, "too long");
            Assert.Equal(new RowCounts { Read = 1, Quarantined = 1 }, await MergeAsync(Bare));
        }

        Assert.Single(await QuarantineAsync());
    }

    [Fact]
    public async Task A_retry_applies_what_the_target_takes_now_in_order_of_version()
    {
        await TargetAsync("id integer PRIMARY KEY, name varchar(5), extra integer CHECK (extra > 0)");
        await Lake.CdcAsync(
            Bare,
            "SELECT * FROM (VALUES ('U', 5, 1, 'too long', 1), ('U', 3, 2, 'also long', 2), ('U', 4, 3, 'ada', -1)) "
            + "t(op, v, id, name, extra)");
        await Lake.CdcAsync(Bare, "SELECT 'U' AS op, 2 AS v, 1 AS id, 'older long' AS name, 1 AS extra");
        await MergeAsync(Bare, batchBytes: 1);
        Assert.Equal(4, (await QuarantineAsync()).Count);
        await Analytics.ExecuteAsync("ALTER TABLE analytics.people ALTER name TYPE text");

        var result = await RetryAsync(Bare);

        Assert.Equal(new RetryResult(Closed: 3, Open: 1), result);
        Assert.Equal("1=too long 2=also long", await PeopleAsync());
        Assert.Contains("violates check constraint", Assert.Single(await QuarantineAsync()).Error, StringComparison.Ordinal);
        await AssertAnswerAsync<long>(
            0,
            "SELECT count(*) FROM cdc.batches WHERE read <> inserted + updated + unchanged + deleted + superseded + stale + quarantined");
        Assert.Equal(7, await Analytics.ScalarAsync<long>("SELECT sum(read)::bigint FROM cdc.batches"));
    }

    [Fact]
    public async Task A_dropped_change_is_closed_and_stays_in_the_ledger()
    {
        await TargetAsync("id integer PRIMARY KEY, name varchar(5)");
        await Lake.ChangeAsync(Bare, 'U', 5, 1, "too long");
        await MergeAsync(Bare);

        var id = Assert.Single(await QuarantineAsync()).Id;
        var dropped = await new QuarantineJob(Analytics.ConnectionString).DropAsync([id], CancellationToken.None);

        Assert.Equal(1, dropped);
        Assert.Empty(await QuarantineAsync());
        Assert.Equal("dropped", await Analytics.ScalarAsync<string>("SELECT closed_by FROM cdc.quarantine"));
    }

    [Fact]
    public async Task A_row_whose_key_the_target_cannot_read_is_put_aside_without_a_key()
    {
        await TargetAsync("id uuid PRIMARY KEY, name text");
        await ChangesAsync(
            Bare,
            "('I', 1, 'no uuid', 'ada')",
            "('D', 2, 'neither', NULL)",
            "('I', 3, 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 'bob')");

        Assert.Equal(new RowCounts { Read = 3, Inserted = 1, Quarantined = 2 }, await MergeAsync(Bare));
        await Lake.CdcAsync(Bare, "SELECT 'U' AS op, 4 AS v, 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11' AS id, 'cyd' AS name");
        Assert.Equal(new RowCounts { Read = 1, Updated = 1 }, await MergeAsync(Bare));

        Assert.Equal(["D", "U"], (await QuarantineAsync()).Select(change => change.Operation).Order());
        Assert.Equal(2, await Analytics.ScalarAsync<long>("SELECT count(*) FROM cdc.quarantine WHERE key IS NULL"));
    }

    [Fact]
    public async Task As_many_refused_rows_as_may_be_are_put_aside()
    {
        await TargetAsync("id integer PRIMARY KEY, name varchar(2)");
        await Lake.CdcAsync(Bare, "SELECT 'I' AS op, range + 1 AS v, range::INTEGER AS id, 'long' AS name FROM range(1000)");

        Assert.Equal(new RowCounts { Read = 1000, Quarantined = 1000 }, await MergeAsync(Bare));
    }

    [Fact]
    public async Task Refused_rows_of_files_with_other_columns_are_counted_apart()
    {
        await TargetAsync("id integer PRIMARY KEY, name varchar(2), extra integer");
        await Lake.CdcAsync(Bare, "SELECT 'I' AS op, range + 1 AS v, range::INTEGER AS id, 'long' AS name FROM range(501)");
        await Lake.CdcAsync(
            Bare, "SELECT 'I' AS op, range + 1 AS v, (1000 + range)::INTEGER AS id, 'long' AS name, 1 AS extra FROM range(501)");

        Assert.Equal(new RowCounts { Read = 1002, Quarantined = 1002 }, await MergeAsync(Bare));
    }

    [Fact]
    public async Task Too_many_refused_rows_park_the_table_and_nothing_is_applied()
    {
        await TargetAsync("id integer PRIMARY KEY, name varchar(2)");
        await Lake.CdcAsync(Bare, "SELECT 'I' AS op, range + 1 AS v, range::INTEGER AS id, 'long' AS name FROM range(1001)");
        await Lake.ChangeAsync(Bare, 'I', 1, 5000, "ok");

        var fault = await FaultAsync(Bare);

        Assert.Equal(ErrorKind.Parked, fault.Kind);
        Assert.Contains("more than 1000 rows are refused", fault.Message, StringComparison.Ordinal);
        Assert.Equal("", await PeopleAsync());
        Assert.Equal(fault.Message, (await StatusAsync()).ParkedCause);
    }

    [Fact]
    public async Task A_generation_with_a_refused_row_removes_no_older_rows_until_that_is_retried()
    {
        await TargetAsync("id integer PRIMARY KEY, name varchar(5)");
        await ChangesAsync(Bare, "('I', 1, 1, 'gone')", "('I', 1, 3, 'old')");
        await MergeAsync(Bare);
        Lake.Generation = 2;
        await Lake.ManifestAsync(Bare, await Lake.LoadAsync(Bare, 1, "SELECT * FROM (VALUES (2, 'bob'), (3, 'too long')) t(id, name)"));

        await MergeAsync(Bare);
        Assert.Equal("1=gone 2=bob 3=old", await PeopleAsync());
        using (var heard = new HeardStatements(Analytics))
        {
            await MergeAsync(Bare);
            Assert.DoesNotContain("WITH older", heard.Beginnings);
        }

        await Analytics.ExecuteAsync("ALTER TABLE analytics.people ALTER name TYPE text");
        Assert.Equal(new RetryResult(Closed: 1, Open: 0), await RetryAsync(Bare));
        await MergeAsync(Bare);

        Assert.Equal("2=bob 3=too long", await PeopleAsync());
    }
}
