using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using CdcDms.Contract.Changes;
using CdcDms.Contract.Tables;

namespace CdcDms.Infra.Lake;

/// <summary>A column of the catalogue.</summary>
/// <param name="Name">As the change files have it; the catalogue takes no account of case.</param>
/// <param name="Type">As <see cref="GlueTypes"/> names it.</param>
internal sealed record CataloguedColumn(string Name, string Type);

/// <summary>A table's change files as the catalogue describes them.</summary>
internal sealed partial record CataloguedTable
{
    /// <summary>The partition column with the generation's three digits.</summary>
    public const string Generation = "cdc_generation";

    /// <summary>The partition column with the day of the commit, <c>yyyy/MM/dd</c>; of the table by day alone.</summary>
    public const string Day = "cdc_day";

    /// <summary>The source table.</summary>
    public required TableName Source { get; init; }

    /// <summary>The table's own columns.</summary>
    public required IReadOnlyList<CataloguedColumn> Columns { get; init; }

    /// <summary>The names of the key's columns; null where the definition names none, or one that is not among the columns.</summary>
    public required IReadOnlyList<string>? Key { get; init; }

    /// <summary>What constructs are called by: names of tables may hold what no construct's id may.</summary>
    public string ConstructId => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(Source.ToString())))[..8];

    /// <summary>The table over all change files, full loads included.</summary>
    public string Name => ForeignCharacters().Replace($"{Source.Schema}_{Source.Name}".ToLowerInvariant(), "_");

    /// <summary>The table over the files of the stream alone.</summary>
    public string NameByDay => Name + "_by_day";

    /// <summary>The view of the rows as they are, which people make.</summary>
    public string ViewName => Name + "_now";

    /// <summary>Every column of the files: DMS's own, the table's, and the key's before an update.</summary>
    public IEnumerable<CataloguedColumn> FileColumns =>
    [
        .. ChangeColumns.All.Select(name => new CataloguedColumn(name, GlueTypes.Text)),
        .. Columns,
        .. (Key ?? []).Select(key => Columns.First(column => column.Name == key) with { Name = ChangeColumns.BeforeImage(key) }),
    ];

    /// <summary>What a definition tells of the table's files; null where it does not list columns with their types.</summary>
    public static CataloguedTable? Of(TableDefinition definition)
    {
        if (definition.Columns is not { Count: > 0 } columns || columns.Any(column => column.Type is null))
            return null;
        var known = columns
            .Select(column => (column.From, Type: GlueTypes.Of(column.Type!)))
            .Where(column => column.Type is not null)
            .Select(column => new CataloguedColumn(column.From, column.Type!))
            .ToList();
        return new CataloguedTable
        {
            Source = definition.Source,
            Columns = known,
            Key = definition.Key?.All(key => known.Any(column => column.Name == key)) is true ? definition.Key : null,
        };
    }

    // Athena documentation, Name databases, tables, and columns: no other character is supported.
    [GeneratedRegex("[^a-z0-9_]", RegexOptions.CultureInvariant)]
    private static partial Regex ForeignCharacters();
}
