namespace CdcDms.Contract.Functions;

/// <summary>How a new generation is asked for, in which DMS loads every table again.</summary>
internal static class NewGeneration
{
    /// <summary>What to write for it, as a part of a sentence.</summary>
    public static string Allow(LifecycleProperties from, LifecycleProperties to) =>
        $"set the generation to {Math.Max(from.Generation + 1, to.Generation)} and allow the replacement for it in the environment file";
}
