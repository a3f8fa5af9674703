using CdcDms.Pipeline.Catalog;
using CdcDms.Pipeline.Postgres;

namespace CdcDms.Pipeline.Preflight;

/// <summary>Findings that another type of a column cures, where PostgreSQL gives the column one and nothing is lost by it.</summary>
internal static class TypeChange
{
    /// <summary>To a type of the same kind, of which every value that is there is one.</summary>
    /// <param name="severity">How bad it is.</param>
    /// <param name="reason">What is wrong.</param>
    /// <param name="table">The table as a statement needs it.</param>
    /// <param name="column">The column.</param>
    /// <param name="type">The new type.</param>
    public static Finding Wider(FindingSeverity severity, string reason, string table, AlterableColumn column, string type) =>
        Of(severity, reason, table, column, type + column.Collate, column.Storage, []);

    /// <summary>To a type of another kind.</summary>
    /// <param name="isWhole">Whether every value of the old type is one of the new type, whatever the rows hold.</param>
    /// <inheritdoc cref="Wider"/>
    public static Finding Other(
        FindingSeverity severity, string reason, string table, AlterableColumn column, string type, bool isWhole) => Of(
        severity,
        reason,
        table,
        column,
        $"{type} USING {Sql.Identifier(column.Name)}::text::{type}",
        storage: "",
        [
            .. column.Bound.Count > 0 ? [$"It fails unless the new type suits {Named.Of(column.Bound)}."] : Array.Empty<string>(),
            .. isWhole ? Array.Empty<string>() : [$"It fails at a value that cannot be read as {type}, and may cut others."],
        ]);

    private static Finding Of(
        FindingSeverity severity, string reason, string table, AlterableColumn column, string type, string storage, List<string> costs)
    {
        if (column.Impossible is { } impossible)
            return Finding.WithoutSql(severity, reason, $"PostgreSQL gives the column no other type: {impossible}.");
        if (column.Users.Count > 0)
            costs.Insert(
                0, $"PostgreSQL refuses it while there is {Named.Of(column.Users)}: drop that before, and make it again afterwards.");
        if (column.Domain is { } domain)
            costs.Add($"It takes the domain {domain} away from the column.");
        var statement = $"ALTER TABLE {table} ALTER COLUMN {Sql.Identifier(column.Name)} TYPE {type}{storage}";
        return costs.Count > 0
            ? Finding.ToChoose(severity, reason, string.Join(' ', costs), statement)
            : Finding.WithSql(severity, reason, statement);
    }
}
