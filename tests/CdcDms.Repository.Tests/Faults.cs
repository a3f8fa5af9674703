namespace CdcDms.Rules;

/// <summary>What breaks a rule.</summary>
internal static class Faults
{
    /// <summary>Fails with every fault on a line of its own.</summary>
    public static void AssertNone(IEnumerable<string> faults)
    {
        var found = faults.ToList();
        Assert.True(found.Count == 0, $"{found.Count} break the rule:\n{string.Join('\n', found)}");
    }
}
