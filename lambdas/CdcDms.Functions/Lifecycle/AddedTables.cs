using CdcDms.Contract;
using CdcDms.Contract.Tables;

namespace CdcDms.Functions.Lifecycle;

/// <summary>
/// Sees to it that a replication which goes on loads the tables that it did not capture before. Whether DMS does so by itself is not
/// documented (docs/dms-contract.md#table-statistics): of a table that it does not load, only the changes would arrive. A table that waits
/// for its turn in a long first load looks the same and is asked for, too: then it is loaded twice, which loses nothing.
/// </summary>
internal sealed class AddedTables(IReplication replication, Patience patience)
{
    // DMS reads the definitions first, and loads a few tables at a time.
    private static readonly TimeSpan LongestBeginning = TimeSpan.FromMinutes(5);
    private const int MostOfOneCall = 10;

    /// <summary>Waits until each table has begun to load, and asks DMS for those that have not.</summary>
    /// <param name="captured">Every table that the replication is to capture. One that was loaded at any time is left alone.</param>
    /// <param name="added">Those of them that this deployment has added; each has to be seen.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="CdcDmsException">An added table does not show, or DMS does not take the order to load one.</exception>
    public async Task LoadAsync(
        IReadOnlyCollection<TableName> captured, IReadOnlyCollection<TableName> added, CancellationToken cancellationToken)
    {
        IReadOnlyList<TableName> unseen = [], unloaded = [];
        try
        {
            await Beginning().UntilAsync(
                () => "",
                async () =>
                {
                    var loads = await replication.TablesAsync(cancellationToken);
                    unseen = [.. added.Where(table => loads.GetValueOrDefault(table)?.IsMissing() ?? true)];
                    unloaded = [.. captured.Where(
                        table => loads.GetValueOrDefault(table) is { StartUtc: null } load && !load.IsMissing())];
                    return unseen.Count + unloaded.Count == 0;
                },
                cancellationToken);
        }
        catch (CdcDmsException late) when (late.Kind == ErrorKind.OutOfTime && unseen.Count + unloaded.Count > 0)
        {
            // What has not begun by itself is asked for.
        }

        if (unseen.Count > 0)
            throw new CdcDmsException(
                ErrorKind.BadDefinition,
                $"The {replication.Name} runs and does not capture {string.Join(", ", unseen)}: create the table at the source and let "
                + "DMS's role read it, or correct its name in the environment file, and deploy again.");
        foreach (var some in unloaded.Chunk(MostOfOneCall))
            await patience.UntilAsync(
                () => $"DMS did not take the order to load {string.Join(", ", some)}, which the {replication.Name} captures now. Deploy "
                    + "again.",
                async () =>
                {
                    await replication.ReloadAsync(some, cancellationToken);
                    Console.WriteLine($"DMS was asked to load {string.Join(", ", some)}.");
                    return true;
                },
                cancellationToken);
    }

    private Patience Beginning()
    {
        var end = patience.Clock.GetUtcNow() + LongestBeginning;
        return end < patience.Until ? patience with { Until = end } : patience;
    }
}
