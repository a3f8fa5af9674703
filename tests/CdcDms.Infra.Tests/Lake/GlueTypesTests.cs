using System.Text.RegularExpressions;
using CdcDms.Infra.Lake;

namespace CdcDms.Infra.Tests.Lake;

/// <summary>The pair of each type: what a definition says, and what Athena reads of DMS's Parquet for it.</summary>
public partial class GlueTypesTests
{
    [Theory]
    [InlineData("smallint", "smallint")]
    [InlineData("integer", "int")]
    [InlineData("int4", "int")]
    [InlineData("bigint", "bigint")]
    [InlineData("BIGINT", "bigint")]
    [InlineData("numeric", "decimal(28,6)")]
    [InlineData("numeric(12,2)", "decimal(12,2)")]
    [InlineData("numeric(12, 2)", "decimal(12,2)")]
    [InlineData("decimal(9)", "decimal(9,0)")]
    [InlineData("numeric(5,-2)", "decimal(7,0)")]
    [InlineData("numeric(3,5)", "decimal(5,5)")]
    [InlineData("numeric(38,4)", "decimal(38,4)")]
    [InlineData("numeric(39,4)", "string")]
    [InlineData("money", "decimal(38,4)")]
    [InlineData("real", "float")]
    [InlineData("double precision", "double")]
    [InlineData("float", "double")]
    [InlineData("float(24)", "float")]
    [InlineData("float(25)", "double")]
    [InlineData("boolean", "boolean")]
    [InlineData("character varying(20)", "string")]
    [InlineData("bytea", "binary")]
    [InlineData("date", "date")]
    [InlineData("daterange", "string")]
    [InlineData("timestamp", "timestamp")]
    [InlineData("timestamp(3) with time zone", "timestamp")]
    [InlineData("timestamp without time zone", "timestamp")]
    [InlineData("timestamptz", "timestamp")]
    [InlineData("time", null)]
    [InlineData("time(3) with time zone", null)]
    [InlineData("timetz", null)]
    [InlineData("interval", "string")]
    [InlineData("integer[]", "string")]
    [InlineData("time[]", "string")]
    [InlineData("bit varying(3)", "string")]
    [InlineData("uuid", "string")]
    [InlineData("public.mood", "string")]
    public void A_type_of_PostgreSQL_has_the_type_that_DMS_s_Parquet_is_read_as(string type, string? expected) =>
        Assert.Equal(expected, GlueTypes.Of(type));

    [Fact]
    public void Every_type_of_the_page_of_types_is_read_as_what_the_page_says_is_in_the_lake()
    {
        var rows = Repository.Read("docs", "types.md").Split('\n')
            .SkipWhile(line => !line.StartsWith("| At the source", StringComparison.Ordinal)).Skip(2)
            .TakeWhile(line => line.StartsWith('|'))
            .Select(line => line.Split('|'))
            .Where(cells => cells[2].Trim() != "–" && Named(cells).Any())
            .ToList();

        Assert.InRange(rows.Count, 20, 60);
        foreach (var cells in rows)
            Assert.All(Named(cells), type => Assert.Contains(GlueTypes.Of(type) ?? "none", ReadAs(cells)));
    }

    private static IEnumerable<string> Named(string[] cells) => cells[1].Contains("arrays", StringComparison.Ordinal)
        ? ["integer[]"]
        : BackQuoted().Matches(cells[1]).Select(match => match.Groups[1].Value
            .Replace("(n)", "(5)", StringComparison.Ordinal)
            .Replace("(p,s)", cells[1].Contains("more than 38", StringComparison.Ordinal) ? "(50,2)" : "(12,2)", StringComparison.Ordinal));

    // The pairs of Parquet's types and Hive's.
    private static List<string> ReadAs(string[] cells) =>
        [.. new (string Parquet, string Hive)[]
            {
                ("INT32 (INT_16)", "smallint"), ("INT32,", "int"), ("INT64", "bigint"), ("DECIMAL(p,s)", "decimal(12,2)"),
                ("DECIMAL(28,6)", "decimal(28,6)"), ("DECIMAL(38,4)", "decimal(38,4)"), ("FLOAT", "float"), ("DOUBLE", "double"),
                ("BOOLEAN", "boolean"), ("BYTE_ARRAY", "binary"), (" DATE ", "date"), ("TIMESTAMP", "timestamp"), ("TIME in", "none"),
                ("as `time`", "none"), (" text", "string"),
            }
            .Where(pair => cells[2].Contains(pair.Parquet, StringComparison.Ordinal))
            .Select(pair => pair.Hive)];

    [GeneratedRegex("`([^`]+)`", RegexOptions.CultureInvariant)]
    private static partial Regex BackQuoted();
}
