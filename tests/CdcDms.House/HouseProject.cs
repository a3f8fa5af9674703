using System.Xml.Linq;

namespace CdcDms.House;

/// <summary>A C# project of the repository with its sources.</summary>
/// <param name="Name">The name of its assembly.</param>
/// <param name="Folder">The path of its folder in the repository, with slashes.</param>
/// <param name="IsProgram">Whether it has a main method.</param>
/// <param name="References">The names of the projects that it references.</param>
/// <param name="Files">Its sources.</param>
public sealed record HouseProject(
    string Name, string Folder, bool IsProgram, IReadOnlyList<string> References, IReadOnlyList<SourceFile> Files)
{
    /// <summary>Whether it stands among the tests.</summary>
    public bool IsTest => Folder.StartsWith("tests/", StringComparison.Ordinal);

    /// <summary>All projects of the repository.</summary>
    public static IReadOnlyList<HouseProject> ReadAll(RepositoryTree tree) =>
        [.. tree.WithExtension(".csproj").Select(path => Read(tree, path))];

    private static HouseProject Read(RepositoryTree tree, string projectFile)
    {
        var name = Path.GetFileNameWithoutExtension(projectFile);
        var folder = projectFile[..projectFile.LastIndexOf('/')];
        var project = XDocument.Parse(tree.Read(projectFile));
        var references = project.Descendants("ProjectReference")
            .Where(reference => (string?)reference.Attribute("ReferenceOutputAssembly") != "false")
            .Select(reference => reference.Attribute("Include")!.Value.Replace('\\', '/'))
            .Select(path => Path.GetFileNameWithoutExtension(path));
        var files = tree.WithExtension(".cs")
            .Where(path => path.StartsWith(folder + "/", StringComparison.Ordinal))
            .Select(path => new SourceFile(name, path, path[(folder.Length + 1)..].Split('/')[0], tree.ReadLines(path)));
        return new HouseProject(
            name, folder, project.Descendants("OutputType").Any(type => type.Value == "Exe"), [.. references], [.. files]);
    }
}
