using System.Numerics;
using CdcDms.Contract.Lake;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Pipeline.Ledger;

/// <summary>The markers that have come through a lake.</summary>
/// <param name="connection">A connection; what is written goes into its transaction.</param>
/// <param name="lake">The lake.</param>
internal sealed class MarkerLedger(NpgsqlConnection connection, LakeUri lake)
{
    /// <summary>The table of the ledger that has them.</summary>
    public static readonly TableName Table = new("cdc", "markers");

    private readonly string _lake = lake.ToString();

    // A proof whose markers did not come within a day is void, and freshness asks for the newest.
    private const int KeptDays = 90;

    // The passages of one marker come within minutes, or with the records of a shard that was read late.
    private const int PassagesKeptDays = 7;

    private const string Came =
        "unnest($1::int[], $2::bigint[], $3::numeric[], $4::timestamptz[], $5::timestamptz[], $6::int[], $8::uuid[])";

    private const string Insert =
        """
        INSERT INTO cdc.markers AS m (
            lake, generation, id, number, lowest_version, highest_version, committed_at, stored_at, interval_seconds)
        """;

    private const string OrWiden =
        """
        ON CONFLICT (lake, generation, id) DO UPDATE SET
            lowest_version = least(m.lowest_version, EXCLUDED.lowest_version),
            highest_version = greatest(m.highest_version, EXCLUDED.highest_version)
        """;

    /// <summary>The name under which the lake's files of markers are recorded, as if it were a target's.</summary>
    public TableName Name => new(Table.Schema, _lake);

    /// <summary>
    /// Records markers. One that comes again under another version, as after a task was resumed, keeps both. One that comes through a
    /// stream has come with the last of its passages.
    /// </summary>
    public async Task RecordAsync(IReadOnlyList<Marker> markers, CancellationToken cancellationToken)
    {
        foreach (var ofRoute in markers.GroupBy(marker => marker.Passage is not null))
            if (ofRoute.Key)
                await RecordPassagesAsync([.. ofRoute], cancellationToken);
            else
                await RecordWholeAsync([.. ofRoute], cancellationToken);
        await connection.ExecuteAsync(
            "DELETE FROM cdc.markers WHERE stored_at < now() - make_interval(days => $1)", cancellationToken, KeptDays);
        await connection.ExecuteAsync(
            "DELETE FROM cdc.marker_passages WHERE recorded_at < now() - make_interval(days => $1)", cancellationToken, PassagesKeptDays);
    }

    private Task RecordWholeAsync(IReadOnlyList<Marker> markers, CancellationToken cancellationToken) => connection.ExecuteAsync(
        $"""
        {Insert}
        SELECT $7, generation, id, min(number), min(version), max(version), min(committed_at), min(stored_at), max(interval_seconds)
        FROM {Came} AS came (generation, number, version, committed_at, stored_at, interval_seconds, id)
        GROUP BY generation, id
        {OrWiden}
        """,
        cancellationToken, Columns(markers));

    private async Task RecordPassagesAsync(IReadOnlyList<Marker> markers, CancellationToken cancellationToken)
    {
        await connection.ExecuteAsync(
            $"""
            INSERT INTO cdc.marker_passages AS p (
                lake, generation, id, number, lowest_version, highest_version, committed_at, stored_at, interval_seconds,
                shard, shards, shard_list)
            SELECT $7, generation, id, min(number), min(version), max(version), min(committed_at), min(stored_at),
                max(interval_seconds), shard, min(shards), shard_list
            FROM {Came[..^1]}, $9::text[], $10::int[], $11::text[])
                AS came (generation, number, version, committed_at, stored_at, interval_seconds, id, shard, shards, shard_list)
            GROUP BY generation, id, shard, shard_list
            ON CONFLICT (lake, generation, id, shard_list, shard) DO UPDATE SET
                lowest_version = least(p.lowest_version, EXCLUDED.lowest_version),
                highest_version = greatest(p.highest_version, EXCLUDED.highest_version)
            """,
            cancellationToken,
            [
                .. Columns(markers),
                markers.Select(marker => marker.Passage!.Shard).ToArray(),
                markers.Select(marker => marker.Passage!.Shards).ToArray(),
                markers.Select(marker => marker.Passage!.List).ToArray(),
            ]);
        await connection.ExecuteAsync(
            $"""
            {Insert}
            SELECT p.lake, p.generation, p.id, min(p.number), min(p.lowest_version), max(p.highest_version), min(p.committed_at),
                min(whole.stored_at), max(p.interval_seconds)
            FROM cdc.marker_passages p
            JOIN (
                SELECT generation, id, max(stored_at) AS stored_at FROM cdc.marker_passages
                WHERE lake = $1 AND id = ANY ($2) GROUP BY generation, id, shard_list, shards HAVING count(*) = shards) whole
                USING (generation, id)
            WHERE p.lake = $1
            GROUP BY p.lake, p.generation, p.id
            {OrWiden}
            """,
            cancellationToken, _lake, markers.Select(marker => marker.Id).Distinct().ToArray());
    }

    private object[] Columns(IReadOnlyList<Marker> markers) =>
    [
        markers.Select(marker => marker.Version.Generation).ToArray(),
        markers.Select(marker => marker.Number).ToArray(),
        markers.Select(marker => (BigInteger)marker.Version.Value).ToArray(),
        markers.Select(marker => marker.CommittedUtc).ToArray(),
        markers.Select(marker => marker.Object.ModifiedUtc).ToArray(),
        markers.Select(marker => marker.IntervalSeconds).ToArray(),
        _lake,
        markers.Select(marker => marker.Id).ToArray(),
    ];

    /// <summary>
    /// When the newest marker was committed at the source; null without markers. One whose commit is told to be an hour after its file was
    /// stored is of a clock that was ahead, and would hide for as long that no marker comes any more.
    /// </summary>
    public Task<DateTime?> NewestUtcAsync(CancellationToken cancellationToken) =>
        connection.SingleAsync(
            "SELECT max(committed_at) FROM cdc.markers WHERE lake = $1 AND committed_at < stored_at + interval '1 hour'",
            row => row.IsDBNull(0) ? null : (DateTime?)row.GetDateTime(0), cancellationToken, _lake);

    /// <summary>The newest marker of the newest generation; null without markers.</summary>
    public async Task<MarkerPoint?> NewestAsync(CancellationToken cancellationToken) =>
        await connection.QueryAsync(
            "SELECT number, committed_at FROM cdc.markers WHERE lake = $1 ORDER BY generation DESC, number DESC LIMIT 1",
            row => new MarkerPoint(row.GetInt64(0), row.GetDateTime(1)), cancellationToken, _lake).SingleOrDefaultAsync(cancellationToken);

    /// <summary>
    /// Whether the versions of the newest generation's markers rise with their numbers. If they do not, versions do not follow the order of
    /// commits, or the source was restored, and nothing that rests on a marker can be trusted before a new generation begins.
    /// </summary>
    public Task<bool> IsInOrderAsync(CancellationToken cancellationToken) =>
        connection.ScalarAsync<bool>(
            """
            SELECT NOT EXISTS (
                SELECT FROM (
                    SELECT lowest_version <= lag(lowest_version) OVER (ORDER BY number) AS falls
                    FROM cdc.markers
                    WHERE lake = $1 AND generation = (SELECT max(generation) FROM cdc.markers WHERE lake = $1)) markers
                WHERE falls)
            """,
            cancellationToken, _lake);
}
