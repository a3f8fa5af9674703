using System.Text.Json;
using CdcDms.Contract;
using CdcDms.Contract.Functions;
using Npgsql;

namespace CdcDms.Pipeline.Ledger;

/// <summary>What the ledger knows of a batch, for people.</summary>
public sealed record BatchStatus
{
    /// <summary>What <see cref="Read"/> reads of <c>cdc.batches b</c>.</summary>
    internal const string Columns =
        "b.committed_at, b.files, b.bytes, b.read, b.inserted, b.updated, b.unchanged, b.deleted, b.superseded, b.stale, "
        + "b.quarantined, b.moved, b.attempts, b.ways, b.phases::text";

    /// <summary>When it committed, UTC.</summary>
    public required DateTime CommittedUtc { get; init; }

    /// <summary>Its files; none for rows that a proof repaired, and for a quarantined change that was tried again.</summary>
    public required int Files { get; init; }

    /// <summary>Bytes of these files.</summary>
    public required long Bytes { get; init; }

    /// <summary>The fate of its rows.</summary>
    public required RowCounts Rows { get; init; }

    /// <summary>How long it took, without its commit; null where that was not measured, as of repairs.</summary>
    public required double? Seconds { get; init; }

    /// <summary>Which ways it took and where the time went; null where that was not measured.</summary>
    public required BatchCourse? Course { get; init; }

    /// <param name="row">A row with the <see cref="Columns"/>.</param>
    /// <param name="first">The place of the first of them.</param>
    internal static BatchStatus Read(NpgsqlDataReader row, int first)
    {
        var phases = row.IsDBNull(first + 14) ? null
            : JsonSerializer.Deserialize(row.GetString(first + 14), ContractJson.Default.MergePhases);
        return new BatchStatus
        {
            CommittedUtc = row.GetDateTime(first),
            Files = row.GetInt32(first + 1),
            Bytes = row.GetInt64(first + 2),
            Rows = new RowCounts
            {
                Read = row.GetInt64(first + 3),
                Inserted = row.GetInt64(first + 4),
                Updated = row.GetInt64(first + 5),
                Unchanged = row.GetInt64(first + 6),
                Deleted = row.GetInt64(first + 7),
                Superseded = row.GetInt64(first + 8),
                Stale = row.GetInt64(first + 9),
                Quarantined = row.GetInt64(first + 10),
                Moved = row.GetInt64(first + 11),
            },
            Seconds = phases?.Seconds,
            Course = phases is null ? null : new BatchCourse
            {
                Attempts = row.GetInt32(first + 12),
                Ways = [.. row.GetFieldValue<string[]>(first + 13).Select(way => Enum.Parse<MergeWay>(way, ignoreCase: true))],
                Phases = phases,
            },
        };
    }
}
