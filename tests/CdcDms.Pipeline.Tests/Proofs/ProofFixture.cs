using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Markers;
using CdcDms.Pipeline.Postgres;
using CdcDms.Pipeline.Proofs;

namespace CdcDms.Pipeline.Tests.Proofs;

/// <summary>A source beside the lake and the analytics database, and proofs between them.</summary>
public abstract class ProofFixture(TestServers servers) : MergeFixture(servers), IAsyncLifetime
{
    private const int Interval = 60;

    protected TestDatabase Source { get; private set; } = null!;

    async ValueTask IAsyncLifetime.InitializeAsync()
    {
        await InitializeAsync();
        Source = await Servers.CreateDatabaseAsync();
        await Source.ExecuteAsync("CREATE TABLE people (id integer PRIMARY KEY, name text)");
        await using var connection = await Database.OpenAsync(Source.ConnectionString, "source", CancellationToken.None);
        await MarkerSchema.EnsureAsync(connection, CancellationToken.None);
    }

    async ValueTask IAsyncDisposable.DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await Source.DisposeAsync();
        await DisposeAsync();
    }

    protected ProofJob Proofs => new(Source.ConnectionString, Analytics.ConnectionString, Interval, settleSeconds: 0);

    /// <summary>A table with these columns on both sides, whose first is the key.</summary>
    protected static TableDefinition Table(string name, params (string Name, string Type)[] columns) => new()
    {
        Schema = "public",
        Name = name,
        Target = $"analytics.{name}",
        Key = [columns[0].Name],
        Columns = [.. columns.Select(column => new ColumnMapping { From = column.Name, To = column.Name, Type = column.Type })],
    };

    /// <summary>Asks for a proof of keys; gives the number of its first marker.</summary>
    protected Task<long> AskAsync(TableDefinition table, bool repairs, params int[] ids) =>
        AskKeysAsync(table, repairs, [.. ids.Select(id => new[] { $"{id}" })]);

    /// <summary>Asks for a proof of keys; gives the number of its first marker.</summary>
    protected async Task<long> AskKeysAsync(TableDefinition table, bool repairs, params string[][] keys)
    {
        await Proofs.AskAsync(table, keys, repairs ? new ProofRepair() : null, CancellationToken.None);
        return await Analytics.ScalarAsync<long>("SELECT marker_after - 1 FROM cdc.proofs ORDER BY id DESC LIMIT 1");
    }

    /// <summary>
    /// Brings the two markers of a proof through the lake, and later ones that tell that so much time has passed that the second is due.
    /// </summary>
    protected async Task MarkersAsync(long marker, long version, long versionAfter, bool due = true)
    {
        var ids = new List<string>();
        for (var number = marker; number < marker + 4; number++)
            ids.Add(await Source.ScalarAsync<string>(
                $"SELECT coalesce((SELECT id FROM cdcdms.marker WHERE number = {number}), gen_random_uuid())::text") ?? "");
        if (await Analytics.ScalarAsync<bool>("SELECT to_regclass('cdc.markers') IS NOT NULL"))
            await Analytics.ExecuteAsync($"DELETE FROM cdc.markers WHERE number >= {marker}");
        await Lake.CdcAsync(
            MarkerTable.Definition,
            $"SELECT 'I' AS op, v, number::BIGINT AS number, id::UUID AS id, {Interval} AS interval_seconds FROM (VALUES "
            + string.Join(", ", ids.Select((id, index) =>
                $"({(index == 0 ? version : versionAfter + index - 1)}, {marker + index}, '{id}')"))
            + ") t(v, number, id)");
        await new MarkerJob(Lake.Reader, Analytics.ConnectionString).MergeAsync(CancellationToken.None);
        // A listing is as old as the newest marker. The third is an interval later than the second, and in time for the listing.
        await Analytics.ExecuteAsync(
            $"""
            UPDATE cdc.markers SET committed_at = stored_at;
            UPDATE cdc.markers m SET stored_at = at, committed_at = at
            FROM (SELECT number, (SELECT max(stored_at) FROM cdc.markers) - make_interval(
                secs => {Interval} * CASE WHEN number < {marker + 2} THEN {(due ? 4 : 2)} ELSE {(due ? 2 : 1)} END) AS at
                FROM cdc.markers) moved
            WHERE m.number = moved.number AND m.number < {marker + 3}
            """);
    }

    /// <summary>How a proof ended: outcome, and counts of keys that changed since, are explained and were repaired.</summary>
    protected async Task<string?> OutcomeAsync(long marker) => await Analytics.ScalarAsync<string?>(
        $"SELECT concat_ws(' ', outcome, changed_since, explained, repaired) FROM cdc.proofs WHERE marker_after = {marker + 1}");

    /// <summary>Why a proof said nothing, or did not repair.</summary>
    protected async Task<string?> CauseAsync() =>
        await Analytics.ScalarAsync<string?>("SELECT cause FROM cdc.proofs ORDER BY id DESC LIMIT 1");

    /// <summary>The differences found: kind, key and columns.</summary>
    protected async Task<string> DifferencesAsync() => await Analytics.ScalarAsync<string?>(
        "SELECT string_agg(concat_ws(' ', kind, key ->> 'id', nullif(array_to_string(columns, ','), '')), ', ' "
        + "ORDER BY key ->> 'id') FROM cdc.differences") ?? "";

    /// <summary>A proof of keys is refused, with a sentence that has this in it, and nothing was recorded.</summary>
    protected async Task AssertUnprovableAsync(TableDefinition table, string sentence, params string[][] keys)
    {
        var fault = await Assert.ThrowsAsync<CdcDmsException>(() => AskKeysAsync(table, repairs: true, keys));
        Assert.True(fault.Kind is ErrorKind.BadDefinition or ErrorKind.Unprovable, fault.ToString());
        Assert.Contains(sentence, fault.Kept, StringComparison.Ordinal);
    }

    /// <summary>Proves and repairs keys from end to end, with markers of the versions 100 and 200.</summary>
    /// <returns>How the proof ended.</returns>
    protected async Task<string?> RepairedAsync(TableDefinition table, params string[][] keys)
    {
        var marker = await AskKeysAsync(table, repairs: true, keys);
        await MarkersAsync(marker, 100, 200);
        await MergeAsync(table);
        return await OutcomeAsync(marker);
    }
}
