using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Markers;
using CdcDms.Pipeline.Proofs;

namespace CdcDms.Pipeline.Tests.Proofs;

/// <summary>Tables that are proven, or not any more.</summary>
public abstract class UnprovenFixture(TestServers servers) : ProofFixture(servers)
{
    /// <summary>A marker, as DuckDB selects it.</summary>
    protected const string Marker =
        "SELECT 'I' AS op, 1 AS v, 1::BIGINT AS number, 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::UUID AS id, 60 AS interval_seconds";

    /// <summary>Two rows on both sides.</summary>
    protected async Task LoadedAsync(TableDefinition table)
    {
        await Lake.LoadAsync(table, 1, "SELECT * FROM (VALUES (1, 'ada'), (2, 'bob')) t(id, name)");
        await MergeAsync(table);
        await Source.ExecuteAsync("INSERT INTO people VALUES (1, 'ada'), (2, 'bob')");
    }

    /// <summary>Two rows on both sides, which a proof finds equal.</summary>
    protected async Task ProvenAsync(TableDefinition table)
    {
        await LoadedAsync(table);
        Assert.Equal("GenerationBegan 1, Loaded 1", await CausesAsync());
        Assert.True((await AskAllAsync(table)).Compared.Identical);
        Assert.Equal("", await CausesAsync());
    }

    /// <summary>A generation without a full load: a marker is the first that is seen of it.</summary>
    protected async Task GenerationBeginsAsync(int generation)
    {
        Lake.Generation = generation;
        await Lake.CdcAsync(MarkerTable.Definition, Marker);
        await new MarkerJob(Lake.Reader, Analytics.ConnectionString).MergeAsync(CancellationToken.None);
    }

    /// <summary>Compares the whole table, and asks for proofs with repair of what differs.</summary>
    protected Task<FullProof> AskAllAsync(TableDefinition table) => Proofs.AskAllAsync(table, new ProofRepair(), CancellationToken.None);

    /// <summary>Lets the newest proof be judged, in the newest generation.</summary>
    protected async Task JudgedAsync(TableDefinition table)
    {
        var generation = Lake.Generation;
        Lake.Generation = Math.Max(generation, await Analytics.ScalarAsync<int?>("SELECT max(generation) FROM cdc.markers") ?? 1);
        var marker = await Analytics.ScalarAsync<long>("SELECT marker FROM cdc.proofs ORDER BY id DESC LIMIT 1");
        await MarkersAsync(marker, 100 * marker, (100 * marker) + 100);
        Lake.Generation = generation;
        await MergeAsync(table);
        await AssertAnswerAsync<long>(0, "SELECT count(*) FROM cdc.proofs WHERE outcome IS NULL");
    }

    protected async Task<string> CausesAsync() => string.Join(
        ", ",
        (await new StatusJob(Analytics.ConnectionString).ReadAsync(CancellationToken.None)).Single().Unproven
            .Select(unproven => $"{unproven.Cause} {unproven.Subject}".TrimEnd()).Order(StringComparer.Ordinal));
}
