using CdcDms.Pipeline.Targets;

namespace CdcDms.Pipeline.Changes;

/// <summary>A replicated column in the staging table.</summary>
/// <param name="Target">Where it goes.</param>
/// <param name="Name">Its name in the staging table: one that we give, so that no source name can collide with our own columns.</param>
/// <param name="PostgresType">Its type there: the natural one for what the file holds.</param>
/// <param name="NullMayMeanUnchanged">Whether a NULL in an update says nothing about the column.</param>
internal sealed record StagedColumn(TargetColumn Target, string Name, string PostgresType, bool NullMayMeanUnchanged)
{
    /// <summary>The name of the staging column with the key's value after an update that gave the row another key.</summary>
    public string NewName => $"{Name}_new";

    /// <summary>The version of the column's value in a staged change <c>s</c>; NULL when the change says nothing about it.</summary>
    public string? SaidVersion => NullMayMeanUnchanged ? $"CASE WHEN s.whole OR s.{Name} IS NOT NULL THEN s.version END" : null;
}
