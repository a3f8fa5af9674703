namespace CdcDms.Pipeline.Tests.Merging;

/// <summary>
/// What a batch says to PostgreSQL once its rows are on the way, statement by statement: one too many costs every batch of every table,
/// and changes no row.
/// </summary>
public sealed class BatchStatementTests(TestServers servers) : MergeFixture(servers)
{
    private const string Staging = "CREATE TEMP TABLE cdc_staging";
    private const string Dropped = "DROP TABLE pg_temp.cdc_staging";

    [Theory]
    [InlineData("INTEGER", "bigint")]
    [InlineData("VARCHAR", "text COLLATE \"C\"")]
    [InlineData("VARCHAR", "varchar(9)")]
    public async Task A_load_that_fills_gaps_inserts_and_counts_what_was_there_already(string fileKey, string key)
    {
        await LoadedAsync(fileKey, key);
        await Lake.LoadAsync(Bare, 2, $"SELECT id::{fileKey} AS id, name FROM (VALUES (1, 'ada'), (3, 'cyd')) t(id, name)");

        Assert.Equal(
            [Staging, "COPY pg_temp.cdc_staging", "INSERT INTO \"analytics\".\"people\"", "SELECT count", Dropped],
            await SaidAsync());
    }

    [Theory]
    [InlineData("INTEGER", "bigint")]
    [InlineData("VARCHAR", "text COLLATE \"C\"")]
    [InlineData("VARCHAR", "varchar(9)")]
    public async Task Changes_that_all_apply_are_deleted_and_written_and_not_counted_again(string fileKey, string key)
    {
        await LoadedAsync(fileKey, key);
        await Lake.CdcAsync(
            Bare,
            $"SELECT op, v, id::{fileKey} AS id, name "
            + "FROM (VALUES ('U', 5, 1, 'eve'), ('D', 6, 2, NULL), ('I', 7, 3, 'cyd')) t(op, v, id, name)");

        Assert.Equal(
            [
                Staging, "COPY pg_temp.cdc_staging", "ANALYZE pg_temp.cdc_staging", "INSERT INTO \"cdc\".\"tombstones_1\"",
                "DELETE FROM \"analytics\".\"people\"", "WITH applied AS ( INSERT INTO \"analytics\".\"people\"",
                "DELETE FROM \"cdc\".\"tombstones_1\"", Dropped,
            ],
            await SaidAsync());
    }

    private async Task LoadedAsync(string fileKey, string key)
    {
        await TargetAsync($"id {key} PRIMARY KEY, name text");
        await Lake.LoadAsync(Bare, 1, $"SELECT id::{fileKey} AS id, name FROM (VALUES (1, 'ada'), (2, 'bob')) t(id, name)");
        await MergeAsync(Bare);
    }

    /// <summary>What the next merge says from the staging table's beginning to its end, each up to the first thing that is named.</summary>
    private async Task<IReadOnlyList<string>> SaidAsync()
    {
        using var heard = new HeardStatements(Analytics);
        await MergeAsync(Bare);
        var all = heard.Beginnings.ToList();
        return all[all.IndexOf(Staging)..(all.IndexOf(Dropped) + 1)];
    }
}
