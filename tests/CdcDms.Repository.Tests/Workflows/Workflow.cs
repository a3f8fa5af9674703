using YamlDotNet.RepresentationModel;

namespace CdcDms.Rules.Workflows;

/// <summary>A workflow of GitHub.</summary>
/// <param name="Path">Its file.</param>
/// <param name="Root">What stands in the file.</param>
internal sealed record Workflow(string Path, YamlMappingNode Root)
{
    private const string Folder = ".github/workflows/";

    public static IReadOnlyList<Workflow> All { get; } =
        [.. ReadHouse.Tree.WithExtension(".yml").Where(path => path.StartsWith(Folder, StringComparison.Ordinal)).Select(Read)];

    public static Workflow Named(string file) => All.Single(workflow => workflow.Path == Folder + file);

    /// <summary>Its jobs, in the order of the file.</summary>
    public IEnumerable<Job> Jobs =>
        Root.Child<YamlMappingNode>("jobs")!.Select(job => new Job(this, job.Key.ToString(), (YamlMappingNode)job.Value));

    private static Workflow Read(string path)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(ReadHouse.Tree.Read(path)));
        return new Workflow(path, (YamlMappingNode)stream.Documents[0].RootNode);
    }
}

/// <summary>A job of a workflow.</summary>
/// <param name="Workflow">The workflow.</param>
/// <param name="Name">Its name.</param>
/// <param name="Node">What stands in the file.</param>
internal sealed record Job(Workflow Workflow, string Name, YamlMappingNode Node)
{
    public static IEnumerable<Job> All => Workflow.All.SelectMany(workflow => workflow.Jobs);

    public IReadOnlyList<YamlMappingNode> Steps => [.. Node.Child<YamlSequenceNode>("steps")?.Cast<YamlMappingNode>() ?? []];

    /// <summary>What the job itself, or a step of it, uses.</summary>
    public IEnumerable<string> Uses => Steps.Prepend(Node).Select(step => step.Text("uses")).OfType<string>();

    /// <summary>The jobs that it waits for.</summary>
    public IReadOnlyList<string> Needs => Node.Texts("needs");

    /// <summary>Whether it may ask for a token by which a cloud knows it.</summary>
    public bool MayHaveToken => Node.Child<YamlMappingNode>("permissions")?.Text("id-token") == "write";

    public override string ToString() => $"{Workflow.Path}: {Name}";
}
