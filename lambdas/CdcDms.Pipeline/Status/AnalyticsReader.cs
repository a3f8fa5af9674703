using CdcDms.Contract;
using CdcDms.Contract.Changes;
using CdcDms.Contract.Lake;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Catalog;
using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Postgres;
using CdcDms.Pipeline.Targets;
using Npgsql;

namespace CdcDms.Pipeline.Status;

/// <summary>Reads where a table is in the analytics database: by a role that may only read, and changes nothing.</summary>
internal sealed class AnalyticsReader : IAsyncDisposable
{
    private readonly NpgsqlConnection _connection;
    private readonly TableDefinition _table;
    private readonly CatalogTable? _found;
    private readonly TableLedger? _ledger;

    private AnalyticsReader(NpgsqlConnection connection, TableDefinition table, CatalogTable? found, TableLedger? ledger) =>
        (_connection, _table, _found, _ledger) = (connection, table, found, ledger);

    /// <summary>The target; null while it does not exist.</summary>
    public required TargetTable? Target { get; init; }

    /// <summary>The table's record in the ledger; null before the first merge.</summary>
    public required TableRecord? Record { get; init; }

    /// <summary>The newest marker that was merged; null without one.</summary>
    public required MarkerPoint? NewestMarker { get; init; }

    /// <summary>The newest marker that is due for the table; null while none is.</summary>
    public required MarkerPoint? DueMarker { get; init; }

    /// <summary>Connects, and reads what the catalog and the ledger have.</summary>
    /// <exception cref="CdcDmsException">The database cannot be used, or definition and target do not fit.</exception>
    public static async Task<AnalyticsReader> OpenAsync(
        string connectionString, TableDefinition table, LakeUri lake, CancellationToken cancellationToken)
    {
        var connection = await Database.OpenAsync(connectionString, "analytics", cancellationToken);
        try
        {
            var found = await CatalogTable.FindAsync(connection, table.TargetName, cancellationToken);
            var hasLedger = await LedgerSchema.ExistsAsync(connection, cancellationToken);
            var ledger = hasLedger ? await TableLedger.FindAsync(connection, table.TargetName, cancellationToken) : null;
            var hasMarkers = hasLedger && table.Feed is null;
            var due = ledger is null ? null : await Ledger.DueMarker.NewestAsync(connection, ledger.Id, cancellationToken);
            return new AnalyticsReader(connection, table, found, ledger)
            {
                Target = found is null ? null : TargetTable.Of(table, found),
                Record = ledger is null ? null : await ledger.ReadAsync(cancellationToken),
                NewestMarker = hasMarkers ? await new MarkerLedger(connection, lake).NewestAsync(cancellationToken) : null,
                DueMarker = due is null ? null : new MarkerPoint(due.Number, due.CommittedUtc),
            };
        }
        catch (Exception fault)
        {
            await connection.DisposeAsync();
            throw fault is NpgsqlException refused ? NotRead(table, refused) : fault;
        }
    }

    /// <summary>Of files of the lake those that are neither merged nor rejected.</summary>
    /// <exception cref="CdcDmsException">The ledger cannot be read.</exception>
    public Task<IReadOnlyList<LakeObject>> WaitingAsync(
        LakeUri lake, IReadOnlyList<LakeObject> files, CancellationToken cancellationToken) =>
        ToldAsync<IReadOnlyList<LakeObject>>(async () => _ledger is null
            ? files
            : await _ledger.Files.PendingAsync(
                [.. files.Where(file => _table.Feed is not null || lake.GenerationOf(file.Key) >= Record!.FloorGeneration)],
                cancellationToken));

    /// <summary>Counts the target's rows, and looks for its newest change.</summary>
    /// <exception cref="CdcDmsException">The target cannot be read.</exception>
    public Task<AnalyticsPlace> ReadAsync(CancellationToken cancellationToken) => ToldAsync(async () =>
        await CountAsync(cancellationToken) with { NewestMarker = NewestMarker, DueMarker = DueMarker });

    private async Task<AnalyticsPlace> CountAsync(CancellationToken cancellationToken)
    {
        if (_found is null)
            return await _connection.SingleAsync(
                "SELECT statement_timestamp()", row => new AnalyticsPlace(row.GetDateTime(0)), cancellationToken);
        string Max(string column) => _found.Column(column) is null ? "NULL" : $"max({Sql.Identifier(column)})";
        var lives = _found.Column(TargetColumns.Deleted) is null ? "" : $" FILTER (WHERE NOT {Sql.Identifier(TargetColumns.Deleted)})";
        var deletes = _ledger is null || !await CatalogTable.ExistsAsync(_connection, _ledger.Tombstones, cancellationToken)
            ? "NULL"
            : $"(SELECT max({Sql.Identifier(TargetColumns.Version)}) FROM {Sql.Identifier(_ledger.Tombstones)})";
        return await _connection.SingleAsync(
            $"""
            SELECT statement_timestamp(), rows, images::text, greatest(removed::numeric, deleted::numeric)::text, committed_at::timestamptz
            FROM (SELECT count(*){lives} AS rows, {Max(TargetColumns.Version)} AS images, {Max(TargetColumns.DeleteVersion)} AS removed,
                {Max(TargetColumns.CommittedAt)} AS committed_at, {deletes} AS deleted FROM {_found.OwnRows}) counted
            """,
            row => Place(
                row.GetDateTime(0), row.GetInt64(1), Version(row, 2), Version(row, 3), row.IsDBNull(4) ? null : row.GetDateTime(4)),
            cancellationToken);
    }

    private static ChangeVersion Version(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? default
        : ChangeVersion.From(Int128.Parse(row.GetString(column), System.Globalization.CultureInfo.InvariantCulture));

    private static AnalyticsPlace Place(DateTime readUtc, long rows, ChangeVersion image, ChangeVersion delete, DateTime? committedUtc)
    {
        var newest = image < delete ? delete : image;
        return new AnalyticsPlace(readUtc)
        {
            Rows = rows,
            NewestVersion = newest == default ? null : newest.ToString(),
            NewestCommitUtc = image < delete ? delete.Sequence.TimeUtc ?? committedUtc : committedUtc,
        };
    }

    private async Task<T> ToldAsync<T>(Func<Task<T>> read)
    {
        try
        {
            return await read();
        }
        catch (NpgsqlException fault)
        {
            throw NotRead(_table, fault);
        }
    }

    private static CdcDmsException NotRead(TableDefinition table, NpgsqlException fault) =>
        PostgresFault.Tell(fault, $"{table.Target} was not read");

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _connection.DisposeAsync();
}
