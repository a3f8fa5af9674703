using System.Globalization;
using System.Text.Json;
using CdcDms.Contract.Functions;
using CdcDms.Contract.Tables;
using CdcDms.Local.Views;
using CdcDms.Pipeline.Merging;
using CdcDms.Testing;
using Npgsql;

namespace CdcDms.Local.Tests.Commands.CrashMatrix;

/// <summary>What one reader sees in one moment.</summary>
/// <param name="Rows">Number of rows, all names and notes that occur, and the sum of the keys: a mix of two batches shows.</param>
/// <param name="Read">Rows read from files, by all batches that the ledger has.</param>
internal sealed record Sight(string Rows, long Read);

/// <summary>A lake and an analytics database of one table, and processes that merge the one into the other.</summary>
internal sealed class CrashScenario : IAsyncDisposable
{
    private readonly TestServers _servers;
    private readonly string _definitions = Path.GetTempFileName();

    private CrashScenario(TestServers servers, TestLake lake, TestDatabase analytics) =>
        (_servers, Lake, Analytics) = (servers, lake, analytics);

    /// <summary>The table of all scenarios.</summary>
    public static TableDefinition People { get; } = new()
    {
        Schema = "public",
        Name = "people",
        Target = "analytics.people",
        Key = ["id"],
        Columns =
        [
            new() { From = "id", To = "id", Type = "integer" },
            new() { From = "name", To = "name", Type = "text" },
            new() { From = "note", To = "note", Type = "text" },
        ],
    };

    public TestLake Lake { get; }

    public TestDatabase Analytics { get; }

    /// <summary>An empty lake and an empty database.</summary>
    public static async Task<CrashScenario> CreateAsync(TestServers servers)
    {
        var scenario = new CrashScenario(servers, await TestLake.CreateAsync(servers), await servers.CreateDatabaseAsync());
        await File.WriteAllTextAsync(
            scenario._definitions, JsonSerializer.Serialize([People], LocalJson.Default.IReadOnlyListTableDefinition));
        return scenario;
    }

    /// <summary>A scenario whose table has 600 rows <c>old kept</c> of a full load, read in 600 rows.</summary>
    public static async Task<CrashScenario> CreateLoadedAsync(TestServers servers)
    {
        var scenario = await CreateAsync(servers);
        await scenario.Lake.LoadAsync(People, 1, "SELECT range::INTEGER AS id, 'old' AS name, 'kept' AS note FROM range(600)");
        Assert.Equal(600, await scenario.MergeAsync());
        return scenario;
    }

    /// <summary>Starts the merge in a process of its own.</summary>
    /// <param name="target">Connection string instead of the database's own.</param>
    /// <param name="s3">Endpoint instead of the S3 server's own.</param>
    public CommandLine Start(string? target = null, Uri? s3 = null) => CommandLine.Start(
        _servers, "merge", "--json", "--target", target ?? Analytics.ConnectionString, "--tables", _definitions,
        "--lake", Lake.Uri.ToString(), "--s3-endpoint", (s3 ?? _servers.S3Server.Endpoint).ToString());

    /// <summary>Merges all that waits, in a process of its own that must succeed; gives the rows that it read.</summary>
    public async Task<long> MergeAsync()
    {
        using var merge = Start();
        return Read(await merge.EndAsync());
    }

    /// <summary>Merges all that waits, in this process.</summary>
    public async Task MergeHereAsync(string target)
    {
        var job = new MergeJob(Lake.Reader, target);
        try
        {
            while ((await job.RunAsync(People, MergeInput.DefaultBatchBytes, CancellationToken.None)).More)
                continue;
        }
        finally
        {
            await using var pooled = new NpgsqlConnection(target);
            NpgsqlConnection.ClearPool(pooled);
        }
    }

    /// <summary>The rows that a merge reports to have read.</summary>
    public static long Read((int ExitCode, string Output, string Errors) end)
    {
        Assert.True(end.ExitCode == 0, end.Output + end.Errors);
        return JsonSerializer.Deserialize(end.Output, LocalJson.Default.MergeReport)!.Tables.Single().Rows.Read;
    }

    /// <summary>What a reader sees now. Rows and ledger are read by one statement, so in one snapshot.</summary>
    public async Task<Sight> SeeAsync()
    {
        if (!await Analytics.ScalarAsync<bool>(
            "SELECT to_regclass('analytics.people') IS NOT NULL AND to_regclass('cdc.batches') IS NOT NULL"))
            return new Sight("0", 0);
        var seen = await Analytics.ScalarAsync<string>(
            """
            SELECT (SELECT coalesce(sum(read), 0) FROM cdc.batches) || '|'
                || (SELECT concat_ws(' ', count(*), string_agg(DISTINCT name, '+'), string_agg(DISTINCT note, '+'), sum(id))
                    FROM analytics.people)
            """);
        var parts = seen!.Split('|');
        return new Sight(parts[1], long.Parse(parts[0], CultureInfo.InvariantCulture));
    }

    /// <summary>
    /// All that is committed: every table of the target's schema and of the ledger's with its rows. Of a time, only whether it is there.
    /// Not what a batch that died leaves so that the next may be smaller: its note, and the bound.
    /// </summary>
    public async Task<string> ContentAsync()
    {
        var tables = await Analytics.ScalarAsync<string>(
            """
            SELECT string_agg(format(
              'SELECT %1$L || '' '' || md5(coalesce(string_agg(r::text, '';'' ORDER BY r::text), '''')) AS content '
              'FROM (SELECT %2$s FROM %1$s) r',
              c.oid::regclass, (
                SELECT string_agg(
                  CASE atttypid WHEN 'timestamptz'::regtype THEN format('%I IS NULL', attname) ELSE quote_ident(attname) END, ', '
                  ORDER BY attnum)
                FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped
                AND attname NOT IN ('most_files', 'most_bytes', 'fitting_batches'))), ' UNION ALL ')
            FROM pg_class c WHERE relkind = 'r' AND relname <> 'attempts'
              AND relnamespace IN (to_regnamespace('cdc'), to_regnamespace('analytics'))
            """);
        return tables is null ? "" : await Analytics.ScalarAsync<string>(
            $"SELECT string_agg(content, ' ' ORDER BY content) FROM ({tables}) t") ?? "";
    }

    /// <summary>
    /// What must be the same however often a merge was begun: each row with its version, the sum of each count, the files, the floor.
    /// </summary>
    public Task<string?> OutcomeAsync() => Analytics.ScalarAsync<string>(
        """
        SELECT concat_ws(E'\n',
            (SELECT md5(string_agg(p::text, ',' ORDER BY id)) FROM analytics.people p),
            (SELECT concat_ws(' ',
                'read', sum(read), 'inserted', sum(inserted), 'updated', sum(updated), 'unchanged', sum(unchanged), 'deleted', sum(deleted),
                'superseded', sum(superseded), 'stale', sum(stale), 'quarantined', sum(quarantined), 'removed', sum(removed),
                'files', sum(files))
              FROM cdc.batches),
            (SELECT string_agg(key || etag, ',' ORDER BY key, etag) FROM cdc.files),
            (SELECT concat_ws(' ', floor, drained_at IS NULL) FROM cdc.tables),
            (SELECT string_agg(generation || newest_folder, ',' ORDER BY generation) FROM cdc.generations))
        """);

    /// <summary>What <see cref="OutcomeAsync"/> is when nothing dies: merges what waits into a copy of the database.</summary>
    public async Task<string?> UndisturbedOutcomeAsync()
    {
        var copy = new CrashScenario(_servers, Lake, await Analytics.CopyAsync());
        using var merge = Start(copy.Analytics.ConnectionString);
        Read(await merge.EndAsync());
        var outcome = await copy.OutcomeAsync();
        File.Delete(copy._definitions);
        await copy.Analytics.DisposeAsync();
        return outcome;
    }

    public async ValueTask DisposeAsync()
    {
        File.Delete(_definitions);
        Lake.Dispose();
        await Analytics.DisposeAsync();
    }
}
