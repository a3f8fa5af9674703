using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Markers;
using CdcDms.Pipeline.Postgres;

namespace CdcDms.Pipeline.Preflight;

/// <summary>The tables by which the pipeline knows how fresh the lake is.</summary>
internal static class MarkerChecks
{
    private static readonly string[] Tables = [Sql.Identifier(MarkerTable.Name), Sql.Identifier(MarkerTable.Settled)];

    public static IEnumerable<Finding> Ask(SourceState source)
    {
        var (markers, role) = (source.Markers, source.Server.Role);
        const string meaning = ", by which the pipeline knows how fresh the lake is. Every task captures the first from its start: one "
            + "that begins without it never sees it.";
        string[] usage = [$"GRANT USAGE ON SCHEMA {Sql.Identifier(MarkerTable.Name.Schema)} TO {role}"];
        string[] grants = [.. usage, $"GRANT SELECT, INSERT, DELETE ON {string.Join(", ", Tables)} TO {role}"];
        string[] owner = [.. Tables.Select(table => $"ALTER TABLE {table} OWNER TO {role}")];
        if (markers.Faults.Count > 0)
            yield return Finding.WithoutSql(
                FindingSeverity.Loses,
                $"The tables of markers (schema {MarkerTable.Name.Schema}) are not as the pipeline makes them: "
                + $"{string.Join("; ", markers.Faults)}. No marker can be written or read there.",
                "Rename or drop what has their names, and run preflight again: then the script makes them.");
        else if (!markers.AreThere)
            // Only its owner may publish a table, as the local capture does. On RDS a master user may not give a table to every role, and
            // DMS needs no publication.
            yield return Finding.WithSql(
                FindingSeverity.Loses,
                $"The source lacks {MarkerTable.Name} or {MarkerTable.Settled}{meaning}",
                [.. MarkerSchema.Statements, .. source.Server.IsRds ? grants : [.. usage, .. owner]]);
        else if (!markers.MayUse)
            yield return Finding.WithSql(
                FindingSeverity.Loses,
                $"The role {role} may not use {MarkerTable.Name} and {MarkerTable.Settled}{meaning}",
                grants);
        else if (!markers.AreOwned && !source.Server.IsRds)
            yield return Finding.WithSql(
                FindingSeverity.Warns,
                $"The role {role} does not own {MarkerTable.Name} and {MarkerTable.Settled}. DMS needs no more than its grants; the local "
                + "capture publishes what it captures, which only the owner may, and is without markers.",
                owner);
    }
}
