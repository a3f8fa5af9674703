using CdcDms.Pipeline.Targets;

namespace CdcDms.Pipeline.Changes;

/// <summary>A replicated column in the staging table.</summary>
/// <param name="Target">Where it goes.</param>
/// <param name="Name">Its name in the staging table: one that we give, so that no source name can collide with our own columns.</param>
/// <param name="PostgresType">Its type there: the natural one for what the file holds.</param>
/// <param name="Register">
/// The name of the staging column that holds the version of this column's value, NULL for none; null when that is the row's version.
/// </param>
internal sealed record StagedColumn(TargetColumn Target, string Name, string PostgresType, string? Register);
