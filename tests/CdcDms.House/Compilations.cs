using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;

namespace CdcDms.House;

/// <summary>Compiles the projects' sources in memory, against the assemblies that stand beside this program.</summary>
internal static class Compilations
{
    private const string ImplicitUsings = """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Net.Http;
        global using System.Threading;
        global using System.Threading.Tasks;
        """;

    private static readonly CSharpParseOptions Language = new(LanguageVersion.Latest);

    /// <summary>The compilation of each project, with what the SDK's generators add.</summary>
    /// <exception cref="InvalidOperationException">A project has errors, so that a use could be overlooked.</exception>
    public static IReadOnlyList<Compilation> Of(IReadOnlyList<HouseProject> projects)
    {
        var assemblies = Assemblies();
        var compiled = new Dictionary<string, Compilation>();
        foreach (var project in projects)
            Compile(project);
        return [.. compiled.Values];

        Compilation Compile(HouseProject project)
        {
            if (compiled.TryGetValue(project.Name, out var known))
                return known;
            var references = projects.Where(other => project.References.Contains(other.Name))
                .Select(Compile)
                .SelectMany(reference => reference.References.Prepend(reference.ToMetadataReference()))
                .Concat(assemblies)
                .Distinct();
            return compiled[project.Name] = Create(project, references);
        }
    }

    private static Compilation Create(HouseProject project, IEnumerable<MetadataReference> references)
    {
        var sources = project.Files
            .Select(file => CSharpSyntaxTree.ParseText(string.Join('\n', file.Lines), Language, file.Path))
            .Append(CSharpSyntaxTree.ParseText(ImplicitUsings, Language));
        var kind = project.IsProgram ? OutputKind.ConsoleApplication : OutputKind.DynamicallyLinkedLibrary;
        CSharpGeneratorDriver.Create(Generators(), parseOptions: Language).RunGeneratorsAndUpdateCompilation(
            CSharpCompilation.Create(project.Name, sources, references, new CSharpCompilationOptions(kind, allowUnsafe: true)),
            out var compilation,
            out _);
        var error = compilation.GetDiagnostics().FirstOrDefault(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error);
        return error is null ? compilation : throw new InvalidOperationException($"{project.Name} cannot be read: {error}");
    }

    private static IReadOnlyList<MetadataReference> Assemblies() =>
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => !Path.GetFileName(path).StartsWith("CdcDms.", StringComparison.Ordinal))
            .Select(path => MetadataReference.CreateFromFile(path)),
    ];

    /// <summary>The generators of the SDK: JSON contexts, regular expressions, native calls.</summary>
    private static IEnumerable<ISourceGenerator> Generators()
    {
        var dotnet = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "..", "..", ".."));
        var packs = Path.Combine(dotnet, "packs", "Microsoft.NETCore.App.Ref");
        var newest = Directory.GetDirectories(packs, $"{Environment.Version.Major}.*").Max()!;
        return Directory.GetFiles(Path.Combine(newest, "analyzers", "dotnet", "cs"), "*.dll")
            .SelectMany(path => new AnalyzerFileReference(path, new Loader()).GetGenerators(LanguageNames.CSharp));
    }

    private sealed class Loader : IAnalyzerAssemblyLoader
    {
        public void AddDependencyLocation(string fullPath)
        {
        }

        public Assembly LoadFromPath(string fullPath) => Assembly.LoadFrom(fullPath);
    }
}
