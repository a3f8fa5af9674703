using CdcDms.DuckDb;

namespace CdcDms.Pipeline.Changes;

/// <summary>The columns of a Parquet file, as its footer describes them.</summary>
internal sealed class FileSchema
{
    private readonly List<string> _names = [];

    // Elements still to come that are nested in the last column. They stand behind their column, in depth-first order.
    private long _nested;

    /// <summary>The names of the columns. Fields inside a list, a map or a struct are no columns.</summary>
    public IReadOnlyList<string> Names => _names;

    /// <summary>The types of decimals. DuckDB calls one with more digits than it can read a DOUBLE.</summary>
    public Dictionary<string, string> Decimals { get; } = new(StringComparer.Ordinal);

    /// <summary>The query whose rows <see cref="Take"/> takes. The first element is the schema's root.</summary>
    public static string Query(string path) =>
        "SELECT name, coalesce(num_children, 0)::BIGINT, coalesce(precision, 0)::BIGINT, coalesce(scale, 0)::BIGINT"
        + $" FROM parquet_schema({DuckDbSql.Literal(path)}) OFFSET 1";

    /// <summary>Takes the next element of the footer.</summary>
    public void Take(DuckDbChunk chunk, int row)
    {
        var (children, precision, scale) = (chunk[1].Get<long>(row), chunk[2].Get<long>(row), chunk[3].Get<long>(row));
        if (_nested > 0)
            _nested--;
        else
        {
            _names.Add(chunk[0].Text(row) ?? "");
            if (precision > 0)
                Decimals[_names[^1]] = $"DECIMAL({precision},{scale})";
        }

        _nested += children;
    }
}
