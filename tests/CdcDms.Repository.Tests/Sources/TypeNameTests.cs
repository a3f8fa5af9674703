using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace CdcDms.Rules.Sources;

/// <summary>A type has a name of its own, which says what it is.</summary>
public class TypeNameTests
{
    /// <summary>Suffixes that say nothing.</summary>
    private static readonly string[] Empty = ["Manager", "Helper", "Helpers", "Util", "Utils", "Utility", "Common", "Impl", "Misc"];

    private static readonly IReadOnlyList<(string Name, string Path)> Types =
    [
        .. from project in ReadHouse.Projects
           from file in project.Files
           let tree = CSharpSyntaxTree.ParseText(string.Join('\n', file.Lines))
           from type in tree.GetRoot().DescendantNodes().OfType<BaseTypeDeclarationSyntax>()
           where type.Parent is not TypeDeclarationSyntax
           select (type.Identifier.Text, file.Path),
    ];

    [Fact]
    public void No_two_files_declare_types_of_the_same_name()
    {
        var twice = from type in Types.Distinct()
                    group type.Path by type.Name into paths
                    where paths.Count() > 1
                    select $"{paths.Key} is declared in {string.Join(" and ", paths)}.";

        Faults.AssertNone(twice);
    }

    [Fact]
    public void No_name_ends_in_a_word_that_says_nothing()
    {
        var empty = from type in Types
                    from suffix in Empty
                    where type.Name.EndsWith(suffix, StringComparison.Ordinal)
                    select $"{type.Name} in {type.Path} ends in {suffix}.";

        Faults.AssertNone(empty);
    }
}
