using CdcDms.Pipeline.Merging;

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

        Assert.Equal(1, await Analytics.ScalarAsync<long>("SELECT last_value FROM cdc.attempts_id_seq"));
        Assert.IsType<CdcDmsException>(fault);
        await AssertAnswerAsync(0L, "SELECT count(most_bytes) FROM cdc.tables");
    }
}
