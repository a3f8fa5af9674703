using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Proofs;
using CdcDms.Pipeline.Validation;

namespace CdcDms.Pipeline.Tests.Proofs;

/// <summary>Calls of a comparison that stop after some statements.</summary>
public abstract class ComparisonCallsFixture(TestServers servers) : UnprovenFixture(servers)
{
    protected const int Rows = 2000;

    /// <summary>Seven ranges of a side, and 16 buckets of 125 rows, of which a pass reads four.</summary>
    private protected static readonly ScanLimits Small = FullProof.Limits with { RangeBytes = 1 << 14, Buckets = 16, RowsPerPass = 520 };

    protected async Task FilledAsync(TableDefinition table)
    {
        const string rows = "SELECT i, 'name ' || i FROM generate_series(1, 2000) i";
        await Source.ExecuteAsync($"INSERT INTO people {rows}");
        await Lake.LoadAsync(table, 1, "SELECT 1 AS id, 'name 1' AS name");
        await MergeAsync(table);
        await Analytics.ExecuteAsync(
            $"INSERT INTO analytics.people (id, name, _cdc_version) SELECT *, 1e35 + 1 FROM ({rows}) r WHERE i > 1");
    }

    private protected ProofJob JobOf(ScanLimits limits, Func<bool> mayGoOn, string run = "run") =>
        new(Source.ConnectionString, Analytics.ConnectionString, intervalSeconds: 60, settleSeconds: 0)
        {
            Limits = limits,
            MayGoOn = mayGoOn,
            Run = run,
        };

    private protected Task<FullProof> CallAsync(TableDefinition table, ScanLimits limits, int statements)
    {
        var left = statements;
        return JobOf(limits, () => Interlocked.Decrement(ref left) >= 0).AskAllAsync(table, new ProofRepair(), CancellationToken.None);
    }

    private protected async Task<(FullProof Full, int Calls)> ToTheEndAsync(TableDefinition table, int statements, ScanLimits limits)
    {
        for (var calls = 1; ; calls++)
            switch (await CallAsync(table, limits, statements))
            {
                case { More: ComparisonMore.Nothing } full:
                    return (full, calls);
                case { More: ComparisonMore.Merges }:
                    await DueAsync(table);
                    break;
            }
    }

    // Until the phase begins, statement by statement.
    private protected async Task UntilAsync(TableDefinition table, string phase, ScanLimits limits)
    {
        await CallAsync(table, limits, statements: 1);
        await DueAsync(table);
        await GoOnUntilAsync(table, phase, limits);
    }

    private protected async Task GoOnUntilAsync(TableDefinition table, string phase, ScanLimits limits)
    {
        while (await Analytics.ScalarAsync<string?>("SELECT max(state ->> 'Phase') FROM cdc.comparisons") != phase)
            await CallAsync(table, limits, statements: 1);
    }

    // Merges have brought all that the source had at the comparison's marker.
    protected async Task DueAsync(TableDefinition table)
    {
        var id = await Analytics.ScalarAsync<string>("SELECT state ->> 'Marker' FROM cdc.comparisons");
        var marker = await Source.ScalarAsync<long>($"SELECT number FROM cdcdms.marker WHERE id = '{id}'");
        await MarkersAsync(marker, 100 * marker, (100 * marker) + 100);
        await MergeAsync(table);
    }

    protected Task<DateTime> BeganAsync() => Analytics.ScalarAsync<DateTime>("SELECT begun_at FROM cdc.comparisons");

    // All proofs have the same two markers to the merge, which is all that matters here.
    protected async Task AllJudgedAsync()
    {
        await Analytics.ExecuteAsync(
            """
            UPDATE cdc.proofs p SET marker = n.marker, marker_id = n.marker_id, marker_after = n.marker_after,
                marker_after_id = n.marker_after_id, read_at = n.read_at
            FROM (SELECT * FROM cdc.proofs ORDER BY id DESC LIMIT 1) n WHERE p.outcome IS NULL
            """);
        await JudgedAsync(People);
    }
}
