namespace CdcDms.Infra.Tests.Synthesis;

public class ExportTests
{
    public static TheoryData<string> Names => SynthesizedEnvironment.Names;

    /// <summary>
    /// <c>Snapshots/exports.txt</c> lists what was ever exported. A new export is added to it with the snapshots; none is ever taken out
    /// while an environment is deployed whose stacks may still import it.
    /// </summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void What_was_once_exported_is_still_exported(string name)
    {
        var file = Path.Combine(Repository.Root, "tests", "CdcDms.Infra.Tests", "Snapshots", "exports.txt");
        if (TemplateSnapshot.Update)
            File.WriteAllLines(file, File.ReadAllLines(file).Union(Exports(name)).Order(StringComparer.Ordinal));
        var promised = File.ReadAllLines(file).Where(export => export.StartsWith($"cdcdms-{name}-", StringComparison.Ordinal));

        Assert.Equal(promised.Order(StringComparer.Ordinal), Exports(name).Order(StringComparer.Ordinal));
    }

    private static IEnumerable<string> Exports(string name) =>
        SynthesizedEnvironment.Of(name).Templates.Values
            .SelectMany(template => template["Outputs"]?.AsObject().Select(output => output.Value!["Export"]?["Name"]) ?? [])
            .Where(export => export is not null)
            .Select(export => export!.GetValue<string>());
}
