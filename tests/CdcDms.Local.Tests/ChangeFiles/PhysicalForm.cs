using CdcDms.Local.Tests.Capture;

namespace CdcDms.Local.Tests.ChangeFiles;

/// <summary>What DuckDB's reader, and two bytes of each page, say of a Parquet file's physical form.</summary>
internal static class PhysicalForm
{
    private static readonly string[] OfColumn =
        ["type", "type_length", "repetition_type", "converted_type", "precision", "scale"];

    /// <summary>The facts of a file: the value of each property of each column, and of the file itself.</summary>
    public static IReadOnlyDictionary<string, string> Of(CaptureTest test, string path) => new Dictionary<string, string>(
    [
        .. Facts(test, $"SELECT 'file', format_version, created_by FROM parquet_file_metadata('{path}')", ["format_version", "created_by"]),
        .. Facts(test, $"SELECT 'file', name FROM parquet_schema('{path}') WHERE num_children > 0", ["root"]),
        .. Facts(
            test,
            $"""
            SELECT name, {string.Join(", ", OfColumn)}, logical_type IS NOT NULL FROM parquet_schema('{path}') WHERE num_children IS NULL
            """,
            [.. OfColumn, "has a logical type"]),
        .. Facts(
            test,
            $"""
            SELECT path_in_schema, compression, list_sort(string_split(encodings, ', '))::VARCHAR, dictionary_page_offset,
              stats_min_value IS NOT NULL
            FROM parquet_metadata('{path}') WHERE row_group_id = 0
            """,
            ["codec", "encodings", "dictionary", "has bounds"]),
        .. Pages(test, path),
    ]);

    private static IEnumerable<KeyValuePair<string, string>> Facts(CaptureTest test, string sql, string[] properties) =>
        from row in test.Query(sql)
        let values = row.Split('|')
        from property in properties.Index()
        select KeyValuePair.Create($"{values[0]}: {property.Item}", values[property.Index + 1]);

    // A page begins with its type: field 1, an integer of 32 bits in Thrift's compact protocol (parquet.thrift, PageHeader and PageType).
    private static IEnumerable<KeyValuePair<string, string>> Pages(CaptureTest test, string path)
    {
        var bytes = File.ReadAllBytes(path);
        const string chunks = "SELECT path_in_schema, data_page_offset FROM parquet_metadata('{0}') WHERE row_group_id = 0";
        foreach (var chunk in test.Query(chunks.Replace("{0}", path, StringComparison.Ordinal)))
        {
            var (column, offset) = (chunk.Split('|')[0], int.Parse(chunk.Split('|')[1], System.Globalization.CultureInfo.InvariantCulture));
            Assert.Equal(0x15, bytes[offset]);
            var page = bytes[offset + 1] switch { 0 => "version 1", 6 => "version 2", _ => "no data" };
            yield return KeyValuePair.Create($"{column}: page", page);
        }
    }
}
