using CdcDms.Contract;

namespace CdcDms.Local.Workflow;

/// <summary>The repository's environment files.</summary>
internal static class EnvironmentFiles
{
    /// <summary>The path of <c>infra/Environments/NAME.json</c>.</summary>
    /// <param name="environment">The environment's name.</param>
    /// <exception cref="CdcDmsException">There is no such file.</exception>
    public static string Find(string environment)
    {
        var repository = RepositoryFolder.Find();
        var file = Path.Combine("infra", "Environments", $"{environment}.json");
        var path = Path.Combine(repository, file);
        return File.Exists(path)
            ? path
            : throw new CdcDmsException(
                ErrorKind.BadDefinition, $"There is no {file} in {repository}: write it, or name another with --env.");
    }
}
