namespace CdcDms.Contract.Functions;

/// <summary>The names of ways, as the ledger, logs and people have them.</summary>
public static class MergeWayNames
{
    /// <summary>The name of a way.</summary>
    public static string Name(this MergeWay way) => way.ToString().ToLowerInvariant();

    /// <summary>Ways that a batch took one after the other: <c>straight, staged</c>.</summary>
    public static string InWords(this IEnumerable<MergeWay> ways) => string.Join(", ", ways.Select(Name));
}
