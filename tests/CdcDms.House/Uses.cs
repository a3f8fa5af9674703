using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace CdcDms.House;

/// <summary>
/// What the sources use of each other, as the compiler understands them: the types that are named, and the types of the members that are
/// called, also inside method bodies, through <c>var</c>, constants and extension methods. The types that a JSON context is generated for
/// do not count: they are a list for the generator, and each of them may use the context.
/// </summary>
internal static class Uses
{
    /// <summary>All uses between files of the projects, one for each pair of files and each type.</summary>
    /// <exception cref="InvalidOperationException">A project has errors, so that a use could be overlooked.</exception>
    public static IReadOnlyList<Use> Read(IReadOnlyList<HouseProject> projects)
    {
        var files = projects.SelectMany(project => project.Files).ToDictionary(file => file.Path);
        return
        [
            .. from compilation in Compilations.Of(projects)
               from tree in compilation.SyntaxTrees
               where files.ContainsKey(tree.FilePath)
               from use in Read(compilation.GetSemanticModel(tree), files[tree.FilePath], files)
               select use,
        ];
    }

    private static IEnumerable<Use> Read(SemanticModel model, SourceFile from, Dictionary<string, SourceFile> files) =>
        model.SyntaxTree.GetRoot().DescendantNodes(node => node is not UsingDirectiveSyntax && !IsListedForJson(node))
            .Where(node => node is SimpleNameSyntax or ImplicitObjectCreationExpressionSyntax)
            .SelectMany(node => Types(model.GetSymbolInfo(node).Symbol).Select(type => (Type: type, Node: node)))
            .SelectMany(use => Declarations(use.Type, files).Select(to => new Use(from, Line(use.Node), to, use.Type.Name)))
            .Where(use => use.To != from)
            .DistinctBy(use => (use.To.Path, use.Name));

    private static bool IsListedForJson(SyntaxNode node) =>
        node is AttributeSyntax { Name: SimpleNameSyntax { Identifier.Text: "JsonSerializable" } };

    private static IEnumerable<INamedTypeSymbol> Types(ISymbol? symbol) => symbol switch
    {
        null or INamespaceSymbol => [],
        INamedTypeSymbol type => [type],
        IArrayTypeSymbol array => Types(array.ElementType),
        _ => symbol.ContainingType is { } type ? [type] : [],
    };

    private static IEnumerable<SourceFile> Declarations(INamedTypeSymbol type, Dictionary<string, SourceFile> files) =>
        type.OriginalDefinition.DeclaringSyntaxReferences
            .Select(reference => files.GetValueOrDefault(reference.SyntaxTree.FilePath))
            .OfType<SourceFile>();

    private static int Line(SyntaxNode node) => node.GetLocation().GetLineSpan().StartLinePosition.Line + 1;
}
