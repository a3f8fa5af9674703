using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Markers;
using CdcDms.Pipeline.Postgres;
using CdcDms.Pipeline.Proofs;

namespace CdcDms.Pipeline.Tests.Model;

/// <summary>The proofs of a history: asks for them, brings their markers through the lake, and holds them to what they must say.</summary>
public sealed class ModelProofs(History history, TableDefinition table, TestLake lake, TestDatabase source, TestDatabase analytics)
{
    private const int Interval = 60;

    // By the place of a proof: its number in the ledger, and its markers, of which two are its own and two tell the time.
    private readonly Dictionary<int, (long Id, List<WrittenMarker> Markers)> _asked = [];
    private readonly List<LakeFile> _merged = [];

    /// <summary>What was repaired.</summary>
    public List<Change> Repairs { get; } = [];

    /// <summary>Whether the last proof has repaired all that may have been lost.</summary>
    public bool Cured { get; private set; }

    /// <summary>What happens before the merges of a delivery.</summary>
    /// <param name="number">The delivery's number.</param>
    public async Task BeforeAsync(int number)
    {
        foreach (var proof in history.Proofs.Where(proof => proof.Asked == number))
            await AskAsync(proof);
    }

    /// <summary>What happens with the files of a delivery.</summary>
    /// <param name="number">The delivery's number.</param>
    public async Task BesideAsync(int number)
    {
        _merged.AddRange(history.Deliveries[number].Files);
        foreach (var proof in history.Proofs.Where(proof => proof.Come == number))
            await PutMarkersAsync(proof);
        if (history.Proofs.Any(proof => proof.Come == number))
            await new MarkerJob(lake.Reader, analytics.ConnectionString).MergeAsync(CancellationToken.None);
        foreach (var proof in history.Proofs.Where(proof => proof.Due == number))
            await LetTimePassAsync(_asked[proof.Number].Markers);
    }

    /// <summary>What the merges of a delivery must have judged.</summary>
    /// <param name="number">The delivery's number.</param>
    public async Task AfterAsync(int number)
    {
        foreach (var proof in history.Proofs.Where(proof => proof.Asked <= number && proof.Due >= number))
        {
            var newest = NewestGeneration(number);
            var isVoid = proof.Come <= number && Generation(proof.After) < newest;
            if (proof.Due > number || isVoid || Generation(proof.Marker) < newest)
            {
                Assert.Equal(
                    isVoid || proof.Due == number ? "NotProven 0 0" : "0 0", (await SaidAsync(proof)).Said);
                continue;
            }

            var verdict = proof.Judge(Oracle.Of(history, _merged, Repairs), LoadsSince(proof.Asked, number));
            var outcome = verdict.Differences.Count > 0 ? "Different" : "Proven";
            var repaired = proof.Repairs ? verdict.Differences.Count : 0;
            Assert.Equal(
                ($"{outcome} {verdict.ChangedSince} {repaired}", string.Join(", ", verdict.Differences)), await SaidAsync(proof));
            Assert.False(verdict.Differences.Count > 0 && FilesToldAll(proof), "A difference is told of a table that has none.");
            Repairs.AddRange(verdict.Repairs);
            // What the gap before a second generation has lost, a proof of the first does not see.
            Cured = proof.Repairs && proof == history.Proofs[^1] && !verdict.LeavesLoaded
                && Generation(proof.Marker) == (history.SecondBegins is null ? 1 : 2);
        }
    }

    /// <summary>The versions of full loads if rows of one were merged with some deliveries, and not of an outdated generation.</summary>
    private IReadOnlyList<long> LoadsSince(int first, int last)
    {
        var whole = history.Deliveries.TakeWhile(delivery => !delivery.Files.Any(file => file.IsWhole)).Count();
        return Enumerable.Range(first, last - first + 1).Any(number => history.Deliveries[number].Files.Any(
            file => file is { IsLoad: true, Changes.Count: > 0 } && (file.Generation == 2 || number <= whole)))
            ? [0, history.SecondBegins ?? 0]
            : [];
    }

    /// <summary>Whether nothing that the proof saw was lost, is late, or was left out under a new key.</summary>
    private bool FilesToldAll(HistoryProof proof)
    {
        var merged = _merged.SelectMany(file => file.Changes).ToHashSet();
        return history.Stream.Where(change => change.Version < proof.After).All(change => merged.Contains(change) && !LeavesOut(change))
            && history.Files.Where(file => file.IsLoad).All(_merged.Contains);
    }

    /// <summary>Under a new key there is no value that NULL could leave as it is.</summary>
    private bool LeavesOut(Change change) => history.KeepOnNull && change is { OldKey: not null, Image.Body: null };

    private async Task AskAsync(HistoryProof proof)
    {
        var rows = proof.Rows.Select(row => FormattableString.Invariant(
            $"({row.Key}, {row.Value.Qty}, {(row.Value.Body is { } body ? $"'{body}'" : "NULL")}, {row.Value.Extra})"));
        await source.ExecuteAsync(
            $"CREATE TABLE IF NOT EXISTS {table.Name} (id integer PRIMARY KEY, qty integer, body text, extra integer); "
            + $"TRUNCATE {table.Name}; "
            + (proof.Rows.Count == 0 ? "" : $"INSERT INTO {table.Name} VALUES {string.Join(", ", rows)}"));
        var asked = await new ProofJob(source.ConnectionString, analytics.ConnectionString, Interval, settleSeconds: 0).AskAsync(
            table, [.. HistoryProof.Keys.Select(key => new[] { $"{key}" })], proof.Repairs ? new ProofRepair() : null,
            CancellationToken.None);
        var id = Assert.Single(asked);
        await using var connection = await Database.OpenAsync(source.ConnectionString, "source", CancellationToken.None);
        await using var ledger = await Database.OpenAsync(analytics.ConnectionString, "analytics", CancellationToken.None);
        var markers = await ledger.SingleAsync(
            "SELECT marker, marker_id, marker_after, marker_after_id FROM cdc.proofs WHERE id = $1",
            row => new List<WrittenMarker>
            {
                new(row.GetInt64(0), row.GetGuid(1), DateTime.UnixEpoch), new(row.GetInt64(2), row.GetGuid(3), DateTime.UnixEpoch),
            },
            CancellationToken.None, id);
        for (var later = 0; later < 2; later++)
            markers.Add(await new MarkerWriter(connection, Interval).WriteAsync(CancellationToken.None));
        _asked[proof.Number] = (id, markers);
    }

    private async Task PutMarkersAsync(HistoryProof proof)
    {
        var markers = _asked[proof.Number].Markers;
        List<(long Version, WrittenMarker Marker)> rows =
        [
            (proof.Marker, markers[0]), .. markers.Skip(1).Select((marker, at) => (proof.After + at, marker)),
        ];
        if (proof.ComesAgain && Generation(proof.Marker) == Generation(proof.After))
            rows.Add((proof.After + markers.Count, markers[0]));
        foreach (var file in rows.GroupBy(row => Generation(row.Version)))
        {
            lake.Generation = file.Key;
            await lake.CdcAsync(
                MarkerTable.Definition,
                $"SELECT 'I' AS op, v, number::BIGINT AS number, id::UUID AS id, {Interval} AS interval_seconds FROM (VALUES "
                + string.Join(", ", file.Select(row => $"({row.Version}, {row.Marker.Number}, '{row.Marker.Id}')")) + ") t(v, number, id)");
        }
    }

    /// <summary>The proof's markers came four intervals ago, and one that tells the time two: a listing is as old as the last.</summary>
    private Task<int> LetTimePassAsync(List<WrittenMarker> markers) => analytics.ExecuteAsync(
        $"""
        UPDATE cdc.markers SET committed_at = stored_at WHERE lake = '{lake.Uri}';
        UPDATE cdc.markers m SET stored_at = moved.at, committed_at = moved.at
        FROM (SELECT g.id, (SELECT max(stored_at) FROM cdc.markers WHERE lake = '{lake.Uri}') - make_interval(secs => g.ago) AS at
            FROM (VALUES ('{markers[0].Id}'::uuid, {4 * Interval}), ('{markers[1].Id}', {4 * Interval}),
                ('{markers[2].Id}', {2 * Interval})) g (id, ago)) moved
        WHERE m.id = moved.id AND m.lake = '{lake.Uri}'
        """);

    private async Task<(string Said, string Differences)> SaidAsync(HistoryProof proof)
    {
        var id = _asked[proof.Number].Id;
        return (
            await analytics.ScalarAsync<string>(
                $"SELECT concat_ws(' ', outcome, changed_since, repaired) FROM cdc.proofs WHERE id = {id}") ?? "",
            await analytics.ScalarAsync<string>(
                "SELECT string_agg(concat_ws(' ', key ->> 'id', kind, nullif(array_to_string(columns, ','), '')), ', ' "
                + $"ORDER BY key ->> 'id') FROM cdc.differences WHERE proof_id = {id}") ?? "");
    }

    /// <summary>The newest generation of which the table or the markers have anything.</summary>
    private int NewestGeneration(int number) => history.Proofs.Where(proof => proof.Come <= number)
        .SelectMany(proof => (int[])[Generation(proof.Marker), Generation(proof.After)])
        .Concat(_merged.Select(file => file.Generation)).Append(1).Max();

    private int Generation(long version) => version > (history.SecondBegins ?? long.MaxValue) ? 2 : 1;
}
