using CdcDms.House;

namespace CdcDms.Rules;

/// <summary>The repository as the rules look at it, read once.</summary>
internal static class ReadHouse
{
    public static RepositoryTree Tree { get; } = new(Repository.Root);

    public static IReadOnlyList<HouseProject> Projects { get; } = HouseProject.ReadAll(Tree);

    private static readonly Lazy<IReadOnlyList<Use>> ReadUses = new(() => House.Uses.Read([.. Projects.Where(project => !project.IsTest)]));

    /// <summary>What the sources, without the tests, use of each other.</summary>
    public static IReadOnlyList<Use> Uses => ReadUses.Value;
}
