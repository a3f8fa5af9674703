namespace CdcDms.Contract.Functions;

/// <summary>
/// The rule that no deployment loads every table again by accident, and none ends with half of what it meant: what would make
/// CloudFormation replace the task, or an endpoint or the instance that it hangs on, is refused unless the new generation is allowed by
/// name; so is what cannot be changed in place at all.
/// </summary>
public static class Replacement
{
    /// <summary>Why an update is refused; null when it may go on.</summary>
    public static string? Refusal(LifecycleProperties from, LifecycleProperties to)
    {
        var changes = Changes(from, to).ToList();
        var isAllowed = to.Generation > from.Generation && to.AllowReplacementForGeneration == to.Generation;
        var sentences = FixedSettings.Refusals(from, to, isAllowed).ToList();
        if (changes.Count > 0 && !isAllowed)
            sentences.Add(
                $"This deployment would replace the replication {from.Identifier} and load every table again, because of "
                + $"{string.Join(" and ", changes)}. To want that, {NewGeneration.Allow(from, to)}; otherwise take the change back.");
        return sentences.Count == 0 ? null : $"{string.Join(' ', sentences)} Nothing was stopped.";
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
