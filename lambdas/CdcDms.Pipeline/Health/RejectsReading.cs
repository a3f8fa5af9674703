using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.Contract.Lake;
using CdcDms.Pipeline.Lake;

namespace CdcDms.Pipeline.Health;

/// <summary>Counts what the function of a stream has put aside, of which no file and no table tells.</summary>
internal static class RejectsReading
{
    private const int Most = 1_000;

    /// <summary>Counts the objects of the newest generation; null when there are none.</summary>
    /// <exception cref="CdcDmsException">The lake cannot be listed.</exception>
    public static async Task<RejectsHealth?> ReadAsync(LakeReader lake, CancellationToken cancellationToken)
    {
        // Where everything is rejected, a generation has no other folder.
        var newest = await lake.GenerationsAsync(cancellationToken).Concat(lake.RejectedGenerationsAsync(cancellationToken))
            .DefaultIfEmpty(0).MaxAsync(cancellationToken: cancellationToken);
        if (newest == 0)
            return null;
        var objects = await lake.ListAsync(lake.Lake.RejectsPrefix(newest), startAfter: null, cancellationToken)
            .Take(Most).CountAsync(cancellationToken);
        return objects > 0 ? new RejectsHealth(newest, objects) : null;
    }
}
