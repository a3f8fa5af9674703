using CdcDms.Contract;
using CdcDms.Contract.Lake;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Catalog;
using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Pipeline.Targets;

/// <summary>
/// One connection to the analytics database with everything that work on one table needs: its definition, its target and its part of the
/// ledger. Target, ledger and tombstones exist from the moment it is open.
/// </summary>
internal sealed class TargetSession : IAsyncDisposable
{
    private const string BackendSql = "SELECT pg_backend_pid()";

    private readonly int _backend;

    private TargetSession(NpgsqlConnection connection, int backend, TableDefinition table, TargetTable target, TableLedger ledger) =>
        (Connection, _backend, Table, Target, Ledger) = (connection, backend, table, target, ledger);

    /// <summary>The connection; statements go into whatever transaction it has.</summary>
    public NpgsqlConnection Connection { get; }

    /// <summary>The table's definition.</summary>
    public TableDefinition Table { get; }

    /// <summary>The target as it was when the session was opened, or last refreshed.</summary>
    public TargetTable Target { get; private set; }

    /// <summary>The table's part of the ledger.</summary>
    public TableLedger Ledger { get; }

    /// <summary>Connects, and creates whatever is missing of target, ledger and tombstones.</summary>
    /// <param name="targetConnection">Connection string of the analytics database.</param>
    /// <param name="table">The table.</param>
    /// <exception cref="CdcDmsException">As of the other overload.</exception>
    /// <exception cref="NpgsqlException">The database refused something, or the connection was lost.</exception>
    public static async Task<TargetSession> OpenAsync(
        string targetConnection, TableDefinition table, CancellationToken cancellationToken) =>
        (await OpenAsync(targetConnection, table, mayCreate: () => Task.FromResult(true), cancellationToken))!;

    /// <summary>Connects, and creates whatever is missing of ledger and tombstones, and of the target if it may.</summary>
    /// <param name="targetConnection">Connection string of the analytics database.</param>
    /// <param name="table">The table.</param>
    /// <param name="mayCreate">Whether a target that is missing may be created. It is asked only then.</param>
    /// <returns>Null when the target is missing and may not be created.</returns>
    /// <exception cref="CdcDmsException">
    /// The database cannot be reached, definition and target do not fit, or the target has what the pipeline cannot serve.
    /// </exception>
    /// <exception cref="NpgsqlException">The database refused something, or the connection was lost.</exception>
    public static async Task<TargetSession?> OpenAsync(
        string targetConnection, TableDefinition table, Func<Task<bool>> mayCreate, CancellationToken cancellationToken)
    {
        var connection = await Database.OpenAsync(targetConnection, "analytics", cancellationToken);
        try
        {
            var backend = await connection.ScalarAsync<int>(BackendSql, cancellationToken);
            if (!await CatalogTable.ExistsAsync(connection, table.TargetName, cancellationToken) && !await mayCreate())
            {
                await connection.DisposeAsync();
                return null;
            }

            var found = await TargetTable.FindOrCreateAsync(connection, table, cancellationToken);
            var ledger = await TableLedger.OpenAsync(connection, found.Name, cancellationToken);
            var target = await found.PreparedAsync(connection, table, ledger, cancellationToken);
            await new TombstoneTable(connection, target, ledger).EnsureAsync(cancellationToken);
            return new TargetSession(connection, backend, table, target, ledger);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Reads the target anew.</summary>
    public async Task RefreshAsync(CancellationToken cancellationToken) =>
        Target = await TargetTable.FindAsync(Connection, Table, cancellationToken);

    /// <summary>Makes everything ready again for a target that was altered, outside of a transaction.</summary>
    public async Task PrepareAgainAsync(CancellationToken cancellationToken)
    {
        await RefreshAsync(cancellationToken);
        await new TombstoneTable(Connection, Target, Ledger).EnsureAsync(cancellationToken);
    }

    /// <summary>Whether the target still is what <see cref="Target"/> says. Only under the table's lock does it stay so.</summary>
    public async Task<bool> TargetIsUnchangedAsync(CancellationToken cancellationToken)
    {
        var now = await TargetTable.FindAsync(Connection, Table, cancellationToken);
        return now.HasRegisters == Target.HasRegisters && now.Columns.SequenceEqual(Target.Columns);
    }

    /// <summary>Gives each column of a target with registers its place there. Only under the table's lock.</summary>
    /// <param name="record">The table's record.</param>
    /// <returns>The record with these places.</returns>
    /// <exception cref="CdcDmsException">
    /// Rows have registers that another ledger has written (<see cref="ErrorKind.BadDefinition"/>).
    /// </exception>
    public async Task<TableRecord> PlacedAsync(TableRecord record, CancellationToken cancellationToken)
    {
        var known = record.RegisterPlaces.Columns;
        var added = Target.HasRegisters
            ? Target.Columns.Where(column => !column.IsKey).Select(column => column.To).Except(known).ToList()
            : [];
        if (added.Count == 0)
            return record;
        var (name, registers) = (Sql.Identifier(Target.Name), Sql.Identifier(TargetColumns.Registers));
        if (known.Count == 0 && await Connection.ScalarAsync<bool>(
            $"SELECT EXISTS (SELECT FROM {name} WHERE {registers} IS NOT NULL)", cancellationToken))
            throw new CdcDmsException(
                ErrorKind.BadDefinition,
                $"{Table.Source} was not merged into {Table.Target}: its column {TargetColumns.Registers} tells columns by places "
                + "that only the ledger knows which wrote them, and this ledger knows none; restore the schema cdc together with "
                + "the table, or drop the table: the next merge fills it from the whole lake.");
        await Connection.ExecuteAsync(RegisterPlaces.Add, cancellationToken, Ledger.Id, added.ToArray());
        return record with { RegisterPlaces = new RegisterPlaces([.. known, .. added]) };
    }

    /// <summary>Looks whether this transaction runs where the session was opened, with the settings that values depend on.</summary>
    /// <exception cref="CdcDmsException">It runs elsewhere (<see cref="ErrorKind.Unavailable"/>).</exception>
    public async Task RefuseOtherBackendAsync(CancellationToken cancellationToken)
    {
        if (await Connection.ScalarAsync<int>(BackendSql, cancellationToken) != _backend)
            throw new CdcDmsException(
                ErrorKind.Unavailable,
                $"{Table.Source} was not merged into {Table.Target}: a pooler gives each transaction another session of PostgreSQL "
                + "(transaction pooling), without the settings that values depend on; "
                + "connect to PostgreSQL itself, or through a pooler that keeps a session (session pooling).");
    }

    /// <summary>
    /// Looks whether the target is filled from a lake: what another lake had and this one does not would stay, and generations of the same
    /// number would be taken for one.
    /// </summary>
    /// <param name="record">The table's record.</param>
    /// <param name="lake">The lake.</param>
    /// <exception cref="CdcDmsException">It is filled from another one (<see cref="ErrorKind.BadDefinition"/>).</exception>
    public void RefuseOtherLake(TableRecord record, LakeUri lake)
    {
        if (record.Lake is { } known && known != lake.ToString())
            throw new CdcDmsException(
                ErrorKind.BadDefinition,
                $"{Table.Source} cannot be merged: {Table.Target} was filled from {known}, and this lake is {lake}; "
                + "merge it into another target, or drop this one. If the whole lake was moved, resume the table with --accept-lake.");
    }

    /// <summary>The table's record in the ledger.</summary>
    /// <exception cref="CdcDmsException">The table is parked (<see cref="ErrorKind.Parked"/>).</exception>
    public async Task<TableRecord> RecordUnlessParkedAsync(CancellationToken cancellationToken)
    {
        var record = await Ledger.ReadAsync(cancellationToken);
        return record.ParkedCause is not { } cause
            ? record
            : throw new CdcDmsException(
                ErrorKind.Parked, $"{Table.Source} is parked, nothing is merged into {Table.Target}: {cause} Then resume it.");
    }

    /// <summary>Closes the connection; a transaction that is open is rolled back.</summary>
    public ValueTask DisposeAsync() => Connection.DisposeAsync();
}
