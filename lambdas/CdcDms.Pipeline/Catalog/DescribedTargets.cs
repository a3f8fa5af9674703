using System.Security.Cryptography;
using System.Text;
using CdcDms.Contract.Tables;

namespace CdcDms.Pipeline.Catalog;

/// <summary>Names the targets of described tables: each has one of its own, which PostgreSQL does not cut.</summary>
internal static class DescribedTargets
{
    private const string Schema = "analytics";
    private const int HashDigits = 8;

    /// <summary>
    /// The table's own name; with its schema's before it where several tables have one name; cut, with a hash of the whole name behind it,
    /// where that is too long or meets another.
    /// </summary>
    public static IReadOnlyDictionary<TableName, TableName> Of(IReadOnlyCollection<TableName> tables)
    {
        var shared = tables.CountBy(table => table.Name).Where(same => same.Value > 1).Select(same => same.Key).ToHashSet();
        var names = tables.ToDictionary(
            table => table, table => shared.Contains(table.Name) ? $"{table.Schema}_{table.Name}" : table.Name);
        var taken = names.Values.CountBy(name => name).ToDictionary();
        return names.ToDictionary(
            name => name.Key,
            name => new TableName(
                Schema,
                taken[name.Value] == 1 && PostgresNames.Bytes(name.Value) <= PostgresNames.MostBytes
                    ? name.Value
                    : $"{Cut(name.Value)}_{Hash(name.Key)}"));
    }

    private static string Cut(string name)
    {
        var cut = new StringBuilder();
        var left = PostgresNames.MostBytes - HashDigits - 1;
        foreach (var rune in name.EnumerateRunes())
        {
            left -= rune.Utf8SequenceLength;
            if (left < 0)
                break;
            cut.Append(rune);
        }

        return cut.ToString();
    }

    private static string Hash(TableName table) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(table.ToString())))[..HashDigits];
}
