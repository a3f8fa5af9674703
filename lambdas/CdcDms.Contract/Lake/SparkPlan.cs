namespace CdcDms.Contract.Lake;

/// <summary>
/// Change files of one table that Spark shall reduce to the last change of each key. The plan function writes the plan into the lake, the
/// Spark job reads it, and so do the merges of what the job wrote.
/// </summary>
public sealed record SparkPlan
{
    /// <summary>The source table, <c>schema.name</c>.</summary>
    public required string Table { get; init; }

    /// <summary>The names of the key's columns in the files.</summary>
    public required IReadOnlyList<string> Key { get; init; }

    /// <summary>The change files. They are merged once all is merged that Spark leaves of them.</summary>
    public required IReadOnlyList<LakeObject> Files { get; init; }

    /// <summary>The files by generation and columns: each group is reduced by itself.</summary>
    public required IReadOnlyList<SparkGroup> Groups { get; init; }
}

/// <summary>Change files of one generation with the same columns, for Spark.</summary>
public sealed record SparkGroup
{
    /// <summary>The generation.</summary>
    public required int Generation { get; init; }

    /// <summary>Rows in the files, as their footers say: Spark's rows must stand for as many.</summary>
    public required long Rows { get; init; }

    /// <summary>Bytes of a row on average, not compressed.</summary>
    public required long BytesPerRow { get; init; }

    /// <summary>The columns. Spark's SQL and Spark's files call them <c>c0</c>, <c>c1</c> and so on.</summary>
    public required IReadOnlyList<SparkColumn> Columns { get; init; }

    /// <summary>The files' addresses, <c>s3://BUCKET/KEY</c>.</summary>
    public required IReadOnlyList<string> Files { get; init; }

    /// <summary>The columns as Spark's DDL names them, in their order. Spark shall not guess them.</summary>
    public required string Schema { get; init; }

    /// <summary>The reduction, over a view <c>changes</c> of the files' rows.</summary>
    public required string Sql { get; init; }

    /// <summary>The folder of what is left, <c>s3://BUCKET/PREFIX/</c>.</summary>
    public required string Output { get; init; }
}

/// <summary>A column of change files that Spark reads.</summary>
public sealed record SparkColumn
{
    /// <summary>Its name in the files.</summary>
    public required string Name { get; init; }

    /// <summary>Its type in the files, as DuckDB names it.</summary>
    public required string Type { get; init; }

    /// <summary>The type under which Parquet stores it there.</summary>
    public required string Stored { get; init; }
}
