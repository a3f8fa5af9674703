using CdcDms.Contract.Tables;
using CdcDms.DuckDb;

namespace CdcDms.Benchmarks;

/// <summary>A table, its rows and changes of them: what one measured merge has to do.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Changes">Changes in the files.</param>
/// <param name="Keys">Keys that these change at most.</param>
/// <param name="Rows">Rows that the target has before.</param>
internal sealed record MergeWork(string Name, int Changes, int Keys, int Rows)
{
    // Without a common divisor with any number of rows used here: changed keys are far from each other.
    private const int Stride = 7919;

    // The sequence of a change of 2 January 2026.
    private const string Commit = "20260102030405060000000000000000000";

    private static readonly ColumnForm[] Five =
    [
        new("name", "text", "md5({0}::VARCHAR)"),
        new("price", "numeric(12,2)", "(({0} % 100000) / 7.0)::DECIMAL(12,2)"),
        new("ratio", "double precision", "{0} / 3.0::DOUBLE"),
        new("at", "timestamp", "TIMESTAMP '2026-01-01' + to_seconds({0})"),
        new("n", "integer", "({1} % 100)::INTEGER"),
    ];

    /// <summary>The files that hold the changes.</summary>
    public int Files { get; init; } = 4;

    /// <summary>The columns beside the key.</summary>
    public IReadOnlyList<ColumnForm> Value { get; init; } = Five;

    /// <summary>How many times the columns beside the key are repeated.</summary>
    public int Repeats { get; init; } = 1;

    /// <summary>Whether the changed rows are neighbours in the middle of the target, not far from each other.</summary>
    public bool IsNear { get; init; }

    /// <summary>Of a hundred keys, those that the target does not have.</summary>
    public int NewPercent { get; init; }

    /// <summary>Whether the changes are the rows of a first load, each of a key of its own, in key order.</summary>
    public bool IsLoad { get; init; }

    /// <summary>What NULL means in an update of a LOB column.</summary>
    public LobUpdates LobUpdates { get; init; }

    /// <summary>Of a hundred changes, those that are deletes.</summary>
    public int DeletePercent { get; init; }

    /// <summary>The key's columns; <c>{0}</c> is the row's number.</summary>
    public IReadOnlyList<ColumnForm> Key { get; init; } = [new("id", "bigint", "{0}::BIGINT")];

    /// <summary>The measured works, from the smallest.</summary>
    /// <param name="scale">By how much their changes and rows are multiplied, but for those of the small batch.</param>
    public static IReadOnlyList<MergeWork> All(double scale)
    {
        var (full, half, some) = ((int)(400_000 * scale), (int)(200_000 * scale), (int)(120_000 * scale));
        return
        [
            new("100 changes", 100, 100, 10_000) { Files = 1, NewPercent = 20, DeletePercent = 10 },
            new("first load", full, full, 0) { IsLoad = true },
            new("updates", full, some, full),
            new("half new", full, some, full) { NewPercent = 50 },
            new("all new", full, half, 0) { NewPercent = 100 },
            new("a fifth deletes", full, some, full) { NewPercent = 10, DeletePercent = 20 },
            new("41 columns", some, some / 2, half) { Repeats = 8, NewPercent = 20 },
            new("uuid key", half, some, half) { NewPercent = 20, Key = [new("id", "uuid", "md5({0}::VARCHAR)::UUID::VARCHAR")] },
            new("key of two", half, some, half)
            {
                NewPercent = 20,
                Key = [new("a", "integer", "({0} % 1000)::INTEGER"), new("b", "bigint", "({0} // 1000)::BIGINT")],
            },
        ];
    }

    /// <summary>The table.</summary>
    public TableDefinition Table => new()
    {
        Schema = "public",
        Name = "things",
        Target = "analytics.things",
        LobUpdates = LobUpdates,
        Key = [.. Key.Select(column => column.Name)],
        Columns = [.. Columns.Select(column => new ColumnMapping { From = column.Name, To = column.Name, Type = column.Type })],
    };

    /// <summary>The rows that the target has before, as a query of DuckDB.</summary>
    public string RowsSql => $"SELECT {Values("i")} FROM range({Rows}) t(i)";

    /// <summary>The changes of one file, as a query of DuckDB; of a load its rows.</summary>
    /// <param name="file">The file's number, from 0.</param>
    public string ChangesSql(int file)
    {
        var (from, to) = ((long)Changes * file / Files, (long)Changes * (file + 1) / Files);
        if (IsLoad)
            return $"SELECT {Values("i")} FROM range({from}, {to}) t(i)";
        var known = IsNear ? $"{Rows / 2} + j" : $"j * {Stride} % {Math.Max(Rows, 1)}";
        var key = $"CASE WHEN j % 100 < {NewPercent} THEN {Rows} + j ELSE {known} END";
        return $"SELECT CASE WHEN hash(i + 1) % 100 < {DeletePercent} THEN 'D' ELSE 'U' END AS op, "
            + $"{Commit}::HUGEINT + i AS v, {Values("k", "i")} "
            + $"FROM (SELECT i, {key} AS k FROM (SELECT i, (hash(i) % {Keys})::BIGINT AS j FROM range({from}, {to}) t(i)))";
    }

    private IEnumerable<ColumnForm> Columns =>
        Key.Concat(Enumerable.Range(0, Repeats).SelectMany(
            number => Value, (number, column) => column with { Name = number == 0 ? column.Name : $"{column.Name}_{number}" }));

    private string Values(string number, string change = "0") => string.Join(
        ", ", Columns.Select(column => $"{column.Value(number, change)} AS {DuckDbSql.Identifier(column.Name)}"));
}

/// <summary>A column of a measured table.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type in PostgreSQL.</param>
/// <param name="Select">Its value in a file, as DuckDB computes it from the row's number <c>{0}</c> and the change's <c>{1}</c>.</param>
internal sealed record ColumnForm(string Name, string Type, string Select)
{
    /// <summary>The value of a row after a change.</summary>
    public string Value(string row, string change) =>
        Select.Replace("{0}", row, StringComparison.Ordinal).Replace("{1}", change, StringComparison.Ordinal);
}
