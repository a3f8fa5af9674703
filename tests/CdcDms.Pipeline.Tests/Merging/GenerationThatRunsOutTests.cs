using CdcDms.Pipeline.Merging;
using Npgsql;

namespace CdcDms.Pipeline.Tests.Merging;

/// <summary>A complete generation is never divided, so one that runs out of time is not tried again for ever.</summary>
public sealed class GenerationThatRunsOutTests(TestServers servers) : MergeFixture(servers)
{
    [Fact]
    public async Task A_generation_of_many_files_that_runs_out_of_time_fails_at_once_and_halves_nothing()
    {
        var table = People with { Columns = null, Key = null };
        await TargetAsync(
            "id integer PRIMARY KEY, name text, CHECK (public.fits(name))",
            before: """
                CREATE FUNCTION public.fits(name text) RETURNS boolean LANGUAGE plpgsql AS $$
                BEGIN
                    IF name = 'x' THEN RAISE EXCEPTION 'canceling statement' USING ERRCODE = '57014'; END IF;
                    RETURN true;
                END $$
                """);
        var keys = new List<string>();
        for (var file = 1; file <= 101; file++)
            keys.Add(await Lake.LoadAsync(table, file, $"SELECT {file} AS id, 'x' AS name"));
        await Lake.ManifestAsync(table, 5, 101, [.. keys]);

        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var fault = await Record.ExceptionAsync(() => Job.RunAsync(table, BatchLimits.Default, patience.Token));

        var told = Assert.IsType<CdcDmsException>(fault);
        Assert.Equal(ErrorKind.Unavailable, told.Kind);
        Assert.Contains("a complete generation of 101 files", told.Message, StringComparison.Ordinal);
        Assert.Contains("cannot be divided, and it ran out (canceling statement)", told.Message, StringComparison.Ordinal);
        await AssertAnswerAsync(0L, "SELECT count(most_bytes) FROM cdc.tables");
    }

    [Fact]
    public async Task A_generation_whose_merge_is_stopped_or_killed_halves_nothing()
    {
        await Lake.ChangeAsync(People, 'I', 1, 1, "ada");
        await MergeAsync(People);
        var key = await Lake.LoadAsync(People, 1, "SELECT range::INTEGER AS id, md5(range::VARCHAR) AS name FROM range(10000)");
        await Lake.ManifestAsync(People, 5, 10000, key);
        await using var holder = await Analytics.OpenAsync();
        await using var transaction = await holder.BeginTransactionAsync();
        await using (var hold = new NpgsqlCommand("SELECT FROM analytics.people FOR UPDATE", holder, transaction))
            await hold.ExecuteNonQueryAsync();
        const string waits =
            "FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' "
            + "AND query LIKE '%INSERT INTO \"analytics\"%'";

        using var stop = new CancellationTokenSource();
        var stopped = Job.RunAsync(People, BatchLimits.Default, stop.Token);
        await UntilAsync($"SELECT EXISTS (SELECT {waits})");
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => stopped);
        var killed = Job.RunAsync(People, BatchLimits.Default, CancellationToken.None);
        await UntilAsync($"SELECT coalesce(bool_or(pg_terminate_backend(pid)), false) {waits}");
        await Assert.ThrowsAsync<CdcDmsException>(() => killed);
        await transaction.RollbackAsync();

        Assert.Equal(10000, (await MergeAsync(People)).Read);
        await AssertAnswerAsync(0L, "SELECT count(most_bytes) FROM cdc.tables");
    }

    private async Task UntilAsync(string condition)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!await Analytics.ScalarAsync<bool>(condition))
            deadline.Token.ThrowIfCancellationRequested();
    }
}
