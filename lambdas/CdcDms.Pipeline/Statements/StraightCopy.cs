using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Changes;
using CdcDms.Pipeline.Postgres;
using CdcDms.Pipeline.Targets;

namespace CdcDms.Pipeline.Statements;

/// <summary>
/// Copies rows of a first load into the target itself. Staged and merged, each row is written twice and looked up once; its key alone tells
/// whether a row is there already or comes twice, and then the copy fails.
/// </summary>
internal static class StraightCopy
{
    /// <summary>Takes the rows of <see cref="ChangeSet.WriteStraightTo"/>.</summary>
    public static string Statement(TargetTable target, IReadOnlyList<StagedColumn> columns) =>
        $"COPY {Sql.Identifier(target.Name)} ("
        + Sql.Identifiers(columns.Select(column => column.Target.To).Concat([TargetColumns.Version, TargetColumns.CommittedAt]))
        + ") FROM STDIN (FORMAT BINARY)";

    /// <summary>Whether columns have the target's own types in the files.</summary>
    public static bool Takes(IReadOnlyList<StagedColumn> columns) => columns.All(HasTypeOfTarget);

    // Types whose binary form is read as a cast would read the value: lengths, scales and precisions are refused or rounded alike.
    private static bool HasTypeOfTarget(StagedColumn column) => (column.PostgresType, column.Target.Type) is
        ("boolean", "boolean") or ("smallint", "smallint") or ("integer", "integer") or ("bigint", "bigint")
        or ("real", "real") or ("double precision", "double precision") or ("numeric", "numeric")
        or ("date", "date") or ("time", "time without time zone")
        or ("timestamp", "timestamp without time zone") or ("timestamptz", "timestamp with time zone")
        or ("text", "text" or "character varying") or ("bytea", "bytea");
}
