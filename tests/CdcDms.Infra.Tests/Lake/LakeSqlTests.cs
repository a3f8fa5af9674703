using CdcDms.Contract.Tables;
using CdcDms.DuckDb;
using CdcDms.Infra.Lake;

namespace CdcDms.Infra.Tests.Lake;

/// <summary>
/// The saved queries, run by DuckDB over Parquet files in the folders of generations. Athena's own engine is not at hand; the statements
/// use what both have.
/// </summary>
public sealed class LakeSqlTests : IDisposable
{
    private static readonly CataloguedTable Items = CataloguedTable.Of(new TableDefinition
    {
        Schema = "shop",
        Name = "items",
        Target = "analytics.items",
        Key = ["order_id", "line"],
        Columns = [Column("order_id", "integer"), Column("line", "integer"), Column("name", "text")],
    })!;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cdcdms-lake-sql-");
    private readonly DuckDbDatabase _database;
    private readonly DuckDbConnection _connection;
    private int _files;

    public LakeSqlTests()
    {
        _database = DuckDbDatabase.Open(new DuckDbOptions { SpillDirectory = _folder.FullName });
        _connection = _database.Connect();
    }

    [Fact]
    public void The_current_state_is_the_newest_version_of_each_key_over_the_generations_without_deletes_and_old_keys()
    {
        Write(1, "items/LOAD00000001", "('I', NULL, 1, 1, 'load', NULL, NULL)", "('I', NULL, 1, 2, 'load', NULL, NULL)",
            "('I', NULL, 1, 3, 'load', NULL, NULL)", "('I', NULL, 1, 4, 'load', NULL, NULL)");
        Write(1, "items/2026/11/26/20261126-000000001", "('U', '9', 1, 1, 'older', 1, 1)", "('U', '20', 1, 1, 'newer', 1, 1)",
            "('D', '30', 1, 2, NULL, NULL, NULL)", "('U', '31', 2, 1, 'moved', 1, 3)", "('I', '40', 5, 5, 'again', NULL, NULL)",
            "('D', '39', 5, 5, NULL, NULL, NULL)");
        Write(2, "items/LOAD00000001", "('I', '', 1, 4, 'reloaded', NULL, NULL)");
        Write(2, "items/2026/11/27/20261127-000000001", "('U', '5', 5, 5, 'of two', 5, 5)", "('I', '6', 1, 3, 'back', NULL, NULL)");
        Catalogue();
        var sql = new LakeSql(Items, CatalogueContent.Markers, "cdcdms_test");

        var expected = "1/1=newer 1/3=back 1/4=reloaded 2/1=moved 5/5=of two";
        Assert.Equal(expected, Rows($"({sql.CurrentState})"));

        _connection.Execute(sql.View);
        Assert.Equal(expected, Rows("cdcdms_test.shop_items_now"));
        Assert.Equal(
            $"5 002{6:D35} 2026-11-26 00:00:00 4",
            Text($"SELECT concat_ws(' ', cdc_rows, cdc_newest_version, cdc_newest_commit, cdc_newest_marker) FROM ({sql.Status})"));
    }

    [Fact]
    public void The_rows_have_the_columns_of_the_definition_alone()
    {
        Write(1, "items/LOAD00000001", "('I', NULL, 1, 1, 'load', NULL, NULL)");
        Catalogue();

        var sql = new LakeSql(Items, CatalogueContent.Markers, "cdcdms_test");

        Assert.Equal(
            "order_id line name",
            Text($"SELECT string_agg(column_name, ' ') FROM (DESCRIBE {sql.CurrentState})"));
    }

    public void Dispose()
    {
        _connection.Dispose();
        _database.Dispose();
        _folder.Delete(recursive: true);
    }

    private static ColumnMapping Column(string name, string type) => new() { From = name, To = name, Type = type };

    /// <summary>Writes a file: operation, number of the sequence, key, name, old key.</summary>
    private void Write(int generation, string name, params string[] rows)
    {
        var path = Path.Combine(_folder.FullName, "cdc", $"g00{generation}", "shop", $"{name}.parquet");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        _connection.Execute(
            "COPY (SELECT op AS \"Op\", '2026-11-26 00:00:00' AS cdc_timestamp, order_id, line, name, old_order AS \"BI_order_id\", "
            + "old_line AS \"BI_line\", CASE WHEN v IS NULL OR v = '' THEN v ELSE lpad(v, 35, '0') END AS cdc_change_seq "
            + $"FROM (VALUES {string.Join(", ", rows)}) t(op, v, order_id, line, name, old_order, old_line)) "
            + $"TO {DuckDbSql.Literal(path)} (FORMAT parquet)");
        _files++;
    }

    /// <summary>What the catalogue has: a table over all files, with the generation of the folder as its partition.</summary>
    private void Catalogue()
    {
        var files = DuckDbSql.Literal(Path.Combine(_folder.FullName, "cdc", "**", "*.parquet"));
        Assert.Equal(_files, Directory.GetFiles(_folder.FullName, "*.parquet", SearchOption.AllDirectories).Length);
        _connection.Execute(
            "CREATE SCHEMA cdcdms_test;"
            + "CREATE VIEW cdcdms_test.shop_items AS SELECT *, regexp_extract(filename, '/g([0-9]{3})/', 1) AS cdc_generation "
            + $"FROM read_parquet({files}, filename = true, union_by_name = true);"
            + "CREATE TABLE cdcdms_test.cdcdms_marker AS SELECT * FROM (VALUES ('I', 3), ('I', 4), ('D', 5)) t(\"Op\", number)");
    }

    private string? Rows(string from) =>
        Text($"SELECT string_agg(concat(order_id, '/', line, '=', name), ' ' ORDER BY order_id, line) FROM {from} t");

    private string? Text(string sql)
    {
        using var result = _connection.Query(sql);
        Assert.True(result.Next(out var chunk));
        return chunk[0].Text(0);
    }
}
