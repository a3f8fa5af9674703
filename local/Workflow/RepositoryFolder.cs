using CdcDms.Contract;

namespace CdcDms.Local.Workflow;

/// <summary>The repository that this program was built in: the workflow is synthesized from its sources.</summary>
internal static class RepositoryFolder
{
    private const string Mark = "CdcDms.sln";

    /// <summary>The nearest folder above this program that holds the solution file.</summary>
    /// <exception cref="CdcDmsException">The program does not stand in it.</exception>
    public static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, Mark)))
                return folder.FullName;
        throw new CdcDmsException(
            ErrorKind.Unavailable,
            $"The workflow is synthesized from the repository's sources, and no {Mark} stands above {AppContext.BaseDirectory}: run the "
            + "program where it was built.");
    }
}
