using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace CdcDms.Rules.Sources;

/// <summary>A test, by the names that filters know.</summary>
/// <param name="Project">The folder of its project.</param>
/// <param name="Namespace">The namespace.</param>
/// <param name="Class">The class, with its namespace.</param>
/// <param name="Method">The method, with its class.</param>
internal sealed record DeclaredTest(string Project, string Namespace, string Class, string Method)
{
    public static IReadOnlyList<DeclaredTest> All { get; } =
    [
        .. from project in ReadHouse.Projects
           where project.IsTest
           from file in project.Files
           let tree = CSharpSyntaxTree.ParseText(string.Join('\n', file.Lines))
           from method in tree.GetRoot().DescendantNodes().OfType<MethodDeclarationSyntax>()
           where method.AttributeLists.SelectMany(list => list.Attributes).Any(attribute => attribute.Name.ToString() is "Fact" or "Theory")
           let type = (TypeDeclarationSyntax)method.Parent!
           let space = type.FirstAncestorOrSelf<BaseNamespaceDeclarationSyntax>()!.Name.ToString()
           let name = $"{space}.{type.Identifier.Text}"
           select new DeclaredTest(project.Folder, space, name, $"{name}.{method.Identifier.Text}"),
    ];
}
