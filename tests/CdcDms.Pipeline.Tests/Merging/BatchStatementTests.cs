namespace CdcDms.Pipeline.Tests.Merging;

/// <summary>
/// What a batch says to PostgreSQL, statement by statement: one too many costs every batch of every table, and changes no row.
/// </summary>
public sealed class BatchStatementTests(TestServers servers) : MergeFixture(servers)
{
    private const string Staging = "CREATE TEMP TABLE cdc_staging";
    private const string Dropped = "DROP TABLE pg_temp.cdc_staging";

    // How long the table's lock is waited for, and in the same message the lock.
    private const string Lock = "SELECT set_config";

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
                Staging, "COPY pg_temp.cdc_staging", "SET LOCAL default_statistics_target", "INSERT INTO \"cdc\".\"tombstones_1\"",
                "DELETE FROM \"analytics\".\"people\"", "WITH applied AS ( INSERT INTO \"analytics\".\"people\"",
                "DELETE FROM \"cdc\".\"tombstones_1\"", Dropped,
            ],
            await SaidAsync());
    }

    [Fact]
    public async Task Rows_of_older_generations_are_outdated_and_removed_each_under_the_lock()
    {
        await LoadedAsync("INTEGER", "bigint");
        Lake.Generation = 2;
        await Lake.ManifestAsync(Bare, await Lake.LoadAsync(Bare, 1, "SELECT 1 AS id, 'ada 2' AS name"));

        Assert.Equal(
            [
                Lock, "SELECT pg_backend_pid", "SELECT generation", "SELECT floor", "SELECT o.place", "SELECT EXISTS",
                "UPDATE cdc.tables", "DELETE FROM \"cdc\".\"tombstones_1\"", "DELETE FROM cdc.rejected_files",
                "WITH outdated AS ( SELECT q.id",
                Lock, "SELECT pg_backend_pid", "SELECT generation", "SELECT floor", "WITH older",
            ],
            (await HeardAsync()).SkipWhile(said => said != Dropped).SkipWhile(said => said != Lock)
                .TakeWhile(said => said != "INSERT INTO cdc.batches"));
    }

    private async Task LoadedAsync(string fileKey, string key)
    {
        await TargetAsync($"id {key} PRIMARY KEY, name text");
        await Lake.LoadAsync(Bare, 1, $"SELECT id::{fileKey} AS id, name FROM (VALUES (1, 'ada'), (2, 'bob')) t(id, name)");
        await MergeAsync(Bare);
    }

    /// <summary>What the next merge says from the staging table's beginning to its end.</summary>
    private async Task<List<string>> SaidAsync()
    {
        var all = await HeardAsync();
        return all[all.IndexOf(Staging)..(all.IndexOf(Dropped) + 1)];
    }

    /// <summary>What the next merge says, each statement up to the first thing that is named.</summary>
    private async Task<List<string>> HeardAsync()
    {
        using var heard = new HeardStatements(Analytics);
        await MergeAsync(Bare);
        return [.. heard.Beginnings];
    }
}
