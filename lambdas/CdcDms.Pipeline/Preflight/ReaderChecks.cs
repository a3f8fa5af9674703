using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Catalog;
using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Pipeline.Preflight;

/// <summary>
/// What the connection needs by which rows are read for proofs, where that is another than the source's. Without it nothing is proven, and
/// the pipeline goes on: each finding is a warning.
/// </summary>
internal static class ReaderChecks
{
    // The same for a server and its standbys.
    private const string FindSystem = "SELECT system_identifier::text || ' ' || current_database() FROM pg_control_system()";

    // Without feedback a standby gives a read this time, from when the change came that is to be replayed; −1 for as long as it takes.
    private const string FindPatience =
        "SELECT CASE WHEN pg_is_in_recovery() AND NOT current_setting('hot_standby_feedback')::boolean "
        + "AND current_setting('max_standby_streaming_delay') <> '-1' THEN current_setting('max_standby_streaming_delay') END";

    public static async Task<IReadOnlyList<Finding>> RunAsync(
        NpgsqlConnection source, NpgsqlConnection reader, SourceState state, CancellationToken cancellationToken)
    {
        var (written, read) = (await SystemAsync(source, cancellationToken), await SystemAsync(reader, cancellationToken));
        List<TableName> tables = [.. state.Tables.Where(table => table.Definition.MayBeProven).Select(table => table.Name)];
        if (state.Markers.AreThere)
            tables.Add(MarkerTable.Settled);
        var facts = await TableFacts.ReadAsync(reader, tables, cancellationToken);
        var patience = await reader.SingleAsync(
            FindPatience, row => row.IsDBNull(0) ? null : row.GetString(0), cancellationToken);
        return
        [
            .. written is null || read is null || written == read ? [] : new[] { OtherServer() },
            .. patience is null ? [] : new[] { Ended(patience) },
            .. tables.SelectMany(table => Of(table, facts.GetValueOrDefault(table))
                .Select(finding => table == MarkerTable.Settled ? finding : finding.At(table))),
        ];
    }

    // Where a service keeps this to itself, servers are not told apart.
    private static async Task<string?> SystemAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            return await connection.ScalarAsync<string>(FindSystem, cancellationToken);
        }
        catch (PostgresException)
        {
            return null;
        }
    }

    private static Finding OtherServer() => Finding.WithoutSql(
        FindingSeverity.Warns,
        $"Rows for proofs are read from another database than the source, and no standby of it: nothing is proven as long as it does not "
        + $"get {MarkerTable.Settled} together with the tables' changes.",
        "Name the source or a read replica of it for the reading of rows (validation.source, --read-source).").Of("reader-server");

    private static Finding Ended(string patience) => Finding.WithoutSql(
        FindingSeverity.Warns,
        $"The standby by which rows are read for proofs has hot_standby_feedback = off: after {patience} it ends a read that is in the way "
        + "of what it replays, and nothing of the table is proven.",
        "Run there: ALTER SYSTEM SET hot_standby_feedback = on; SELECT pg_reload_conf(). On RDS set it in the replica's parameter group.")
        .Of("reader-conflicts");

    private static IEnumerable<Finding> Of(TableName table, TableFacts? facts)
    {
        if (facts is null)
        {
            yield return Finding.WithoutSql(
                FindingSeverity.Warns,
                $"There is no {table} where rows are read for proofs.",
                "Name the source or a read replica of it for the reading of rows (validation.source, --read-source).").Of("reader-rights");
            yield break;
        }

        string[] schema = facts.SchemaIsUsable ? [] : [$"GRANT USAGE ON SCHEMA {facts.QuotedSchema} TO {facts.Role}"];
        string[] select = facts.IsSelectable ? [] : [$"GRANT SELECT ON {facts.Quoted} TO {facts.Role}"];
        if (!facts.IsReadable)
            yield return Cured(
                $"The role {facts.Role}, by which rows are read for proofs, may not read {table}: "
                + (table == MarkerTable.Settled ? "no table is proven." : "the table is not proven."),
                [.. schema, .. select]).Of("reader-rights");
        if (facts.HidesRows)
            yield return Cured(
                $"Row-level security hides rows of table {table} from the role {facts.Role}, by which rows are read for proofs: the "
                + "table is not proven.",
                $"ALTER ROLE {facts.Role} BYPASSRLS").Of("reader-row-security");
    }

    // The statements take nothing away, so nobody has to choose.
    private static Finding Cured(string reason, params string[] sql) =>
        Finding.WithSql(FindingSeverity.Warns, reason, sql) with { IsChoice = false };
}
