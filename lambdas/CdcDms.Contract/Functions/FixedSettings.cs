namespace CdcDms.Contract.Functions;

/// <summary>
/// Settings that are refused to change in place although CloudFormation would try, or would find nothing wrong with it: the names of
/// <see cref="LifecycleProperties.Fixed"/>, and why.
/// </summary>
public static class FixedSettings
{
    /// <summary>From where on changes are captured, as DMS names it.</summary>
    public const string MigrationType = "migration type";

    /// <summary>The way of the changes to the lake.</summary>
    public const string Route = "route";

    /// <summary>The bucket of the lake.</summary>
    public const string LakeBucket = "lake bucket";

    /// <summary>The lake's prefix in its bucket.</summary>
    public const string LakePrefix = "lake prefix";

    /// <summary>The key by which the lake's files are encrypted.</summary>
    public const string LakeKey = "lake key";

    /// <summary>The source database, <c>host:port/database</c>.</summary>
    public const string Source = "source database";

    /// <summary>The analytics database, <c>host:port/database</c>.</summary>
    public const string Analytics = "analytics database";

    /// <summary>A sentence for each change that is refused. What the deployment before did not tell is not compared.</summary>
    /// <param name="from">The properties of the deployment before.</param>
    /// <param name="to">Those of this one.</param>
    /// <param name="isNewGeneration">Whether this deployment may replace the task and load every table again.</param>
    internal static IEnumerable<string> Refusals(LifecycleProperties from, LifecycleProperties to, bool isNewGeneration)
    {
        foreach (var (name, before) in (from.Fixed ?? new Dictionary<string, string>()).OrderBy(entry => entry.Key, StringComparer.Ordinal))
            if (to.Fixed?.GetValueOrDefault(name) is { } after && after != before
                && Refusal(new Change(name, before, after), from, to, isNewGeneration) is { } refusal)
                yield return refusal;
    }

    private static string? Refusal(Change change, LifecycleProperties from, LifecycleProperties to, bool isNewGeneration) =>
        change.Name switch
        {
            // A new task is of any type, and its full load fills a database that knows nothing.
            MigrationType or Route or Source or Analytics when isNewGeneration => null,
            Source when to.SourceMovedFrom == change.Before => null,
            Analytics when to.AnalyticsMovedFrom == change.Before => null,
            MigrationType =>
                $"This deployment would change the migration type of the replication {from.Identifier} from {change.Before} to "
                + $"{change.After}, which AWS refuses, and only after the replication was stopped. To want that, "
                + $"{NewGeneration.Allow(from, to)}; otherwise take the change of replication.migrationType back.",
            Route =>
                $"This deployment would take the changes of the replication {from.Identifier} another way, {change.After} instead of "
                + $"{change.Before}: DMS does not change what kind of target a task has. To want that, {NewGeneration.Allow(from, to)}; "
                + "otherwise take the change of replication.route back.",
            Source =>
                $"This deployment would go on with the source database {change.After} where it stopped in {change.Before}: another server "
                + "has neither the slot nor the positions of the log. If it is the same server under another name, say so by "
                + $"source.movedFrom: \"{change.Before}\"; for another one, {NewGeneration.Allow(from, to)}; otherwise take the change "
                + "back.",
            Analytics =>
                $"This deployment would merge into the analytics database {change.After} instead of {change.Before}. One without the "
                + "ledger of the other gets what the lake still holds, and lacks all that is older. If it is the same database, moved or "
                + $"restored with its schema cdc, say so by analytics.movedFrom: \"{change.Before}\"; to fill another one, "
                + $"{NewGeneration.Allow(from, to)}; otherwise take the change back.",
            LakePrefix or LakeBucket =>
                $"This deployment would make the replication write into another lake, because of {change.Name} ({change.Before} to "
                + $"{change.After}): files that wait in the old one would never be merged, nor expire, and the ledger refuses the new one. "
                + "Take the change back; for another lake, make an environment of another name.",
            LakeKey =>
                $"This deployment would encrypt the lake by another key ({change.Before} to {change.After}): the functions could not read "
                + "files that wait, nor the lake be read to make analytics anew. Take the change back; for another key, make an "
                + "environment of another name.",
            _ => $"This deployment would change what cannot be changed in place: {change.Name} ({change.Before} to {change.After}). "
                + "Take the change back.",
        };

    private sealed record Change(string Name, string Before, string After);
}
