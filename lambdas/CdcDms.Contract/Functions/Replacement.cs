using CdcDms.Contract.Functions;

namespace CdcDms.Functions.Lifecycle;

/// <summary>
/// The rule that no deployment loads every table again by accident: what would make CloudFormation replace the task, or an
/// endpoint or the instance that it hangs on, is refused unless the new generation is allowed by name.
/// </summary>
internal static class Replacement
{
    /// <summary>Why an update is refused; null when it may go on.</summary>
    public static string? Refusal(LifecycleProperties from, LifecycleProperties to)
    {
        var changes = Changes(from, to).ToList();
        if (changes.Count == 0 || (to.Generation > from.Generation && to.AllowReplacementForGeneration == to.Generation))
            return null;

        var because = string.Join(" and ", changes);
        var next = Math.Max(from.Generation + 1, to.Generation);
        return $"This deployment would replace the replication {from.Identifier} and load every table again, because of {because}. "
            + $"To want that, set the generation to {next} and allow the replacement for it in the environment file; "
            + "otherwise take the change back. Nothing was stopped.";
    }

    private static IEnumerable<string> Changes(LifecycleProperties from, LifecycleProperties to)
    {
        if (from.Kind != to.Kind)
            yield return Change("kind", from.Kind.ToString(), to.Kind.ToString());
        if (from.Generation != to.Generation)
            yield return Change("generation", $"{from.Generation}", $"{to.Generation}");
        if (from.Identifier != to.Identifier)
            yield return Change("identifier", from.Identifier, to.Identifier);
        foreach (var name in from.Identity.Keys.Union(to.Identity.Keys).Order(StringComparer.Ordinal))
        {
            var (before, after) = (from.Identity.GetValueOrDefault(name), to.Identity.GetValueOrDefault(name));
            if (before != after)
                yield return Change(name, before, after);
        }
    }

    private static string Change(string what, string? before, string? after) => $"{what} ({before ?? "none"} to {after ?? "none"})";
}
