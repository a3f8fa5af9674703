namespace CdcDms.DuckDb.Tests;

public sealed class LentDuckDbTests : IDisposable
{
    private readonly WorkFolder _folder = WorkFolder.Create();

    [Fact]
    public void One_whose_work_went_well_is_lent_again()
    {
        Lend(duckDb => duckDb.Execute("CREATE TABLE mine (i INTEGER)"), wentWell: true);

        Assert.True(IsLentAgain());
    }

    [Fact]
    public void One_whose_work_failed_is_not()
    {
        Lend(duckDb => duckDb.Execute("CREATE TABLE mine (i INTEGER)"), wentWell: false);

        Assert.False(IsLentAgain());
    }

    [Fact]
    public void One_that_has_spilled_is_not_and_takes_what_it_spilled_with_it()
    {
        var spill = Path.Combine(_folder.Path, "spill");
        Lend(
            duckDb =>
            {
                duckDb.Execute(
                    "CREATE TABLE mine (i INTEGER); CREATE TEMP TABLE large AS SELECT md5(i::VARCHAR) AS a FROM range(5_000_000) t(i)");
                Assert.True(Directory.Exists(spill));
            },
            wentWell: true);

        Assert.False(Directory.Exists(spill));
        Assert.False(IsLentAgain());
    }

    [Fact]
    public void It_has_the_memory_the_folder_and_the_threads_of_its_new_work_and_nothing_temporary_of_the_old()
    {
        Lend(
            duckDb =>
            {
                duckDb.Execute("CREATE TABLE mine (i INTEGER); CREATE TEMP TABLE winners (i INTEGER); SET TimeZone = 'Asia/Tokyo'");
                duckDb.UseOneThread(true);
            },
            wentWell: true);
        using var folder = WorkFolder.Create();
        using var lent = LentDuckDb.Take(folder, memoryMegabytes: 128);

        Assert.Equal(
            ["mine", "128.0 MiB", Path.Combine(folder.Path, "spill"), $"{Environment.ProcessorCount}", "UTC"],
            Texts(
                lent.Connection,
                "SELECT string_agg(table_name), current_setting('memory_limit'), current_setting('temp_directory'),"
                + " current_setting('threads')::VARCHAR, current_setting('TimeZone') FROM duckdb_tables()"));
    }

    [Fact]
    public void Two_works_at_once_have_each_their_own()
    {
        using var one = LentDuckDb.Take(_folder, memoryMegabytes: 64);
        one.Connection.Execute("CREATE TABLE mine (i INTEGER)");
        using var folder = WorkFolder.Create();
        using var other = LentDuckDb.Take(folder, memoryMegabytes: 64);

        Assert.Equal(0, other.Connection.Count("SELECT count(*) FROM duckdb_tables()"));
    }

    public void Dispose()
    {
        // Those that are kept, each with a table of its test.
        for (var most = Environment.ProcessorCount; most > 0 && IsLentAgain(); most--)
            continue;
        _folder.Dispose();
    }

    private void Lend(Action<DuckDbConnection> work, bool wentWell)
    {
        using var lent = LentDuckDb.Take(_folder, memoryMegabytes: 64);
        work(lent.Connection);
        if (wentWell)
            lent.Keep();
    }

    /// <summary>Whether the next is one that was used before. It is not kept again.</summary>
    private static bool IsLentAgain()
    {
        using var folder = WorkFolder.Create();
        using var lent = LentDuckDb.Take(folder, memoryMegabytes: 64);
        return lent.Connection.Count("SELECT count(*) FROM duckdb_tables()") > 0;
    }

    private static IEnumerable<string?> Texts(DuckDbConnection duckDb, string sql)
    {
        using var result = duckDb.Query(sql);
        result.Next(out var chunk);
        for (var column = 0; column < result.Columns.Count; column++)
            yield return chunk[column].Text(0);
    }
}
