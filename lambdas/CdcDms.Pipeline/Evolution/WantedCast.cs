using CdcDms.Pipeline.BinaryCopy;
using CdcDms.Pipeline.Postgres;
using CdcDms.Pipeline.Targets;
using Npgsql;

namespace CdcDms.Pipeline.Evolution;

/// <summary>A cast of a file's values to the type that the definition gives their column.</summary>
/// <param name="Column">The target's column.</param>
/// <param name="FileType">The file's type, as DuckDB's SQL names it.</param>
/// <param name="Files">What to call the files in a message.</param>
internal sealed record WantedCast(TargetColumn Column, string FileType, string Files)
{
    /// <summary>Asks PostgreSQL whether it has a cast: without one it refuses even a NULL, and so each statement of the merge.</summary>
    /// <returns>What to do when it has none, as half a sentence; else null.</returns>
    public async Task<string?> FaultAsync(TargetSession session, CancellationToken cancellationToken)
    {
        try
        {
            await session.Connection.ExecuteAsync(
                $"SELECT CAST(NULL::{StagedType.PostgresTypeOf(FileType)} AS {Column.CastType})", cancellationToken);
            return null;
        }
        catch (PostgresException fault) when (fault.SqlState == PostgresErrorCodes.CannotCoerce)
        {
            return $"{Files} have {FileType} in the column {Column.From}, and PostgreSQL has no cast from that to {Column.Type} of "
                + $"{session.Target.Name}.{Column.To}; write that column as text, or change its type in the target and in the definition";
        }
    }
}
