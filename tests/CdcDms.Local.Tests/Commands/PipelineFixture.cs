using System.Text.Json;
using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.Contract.Lake;
using CdcDms.Contract.Tables;
using CdcDms.Local.Capture;
using CdcDms.Local.Views;
using CdcDms.Pipeline.Catalog;
using CdcDms.Pipeline.Lake;
using CdcDms.Pipeline.Merging;
using CdcDms.Pipeline.Validation;
using CdcDms.Testing;

namespace CdcDms.Local.Tests.Commands;

/// <summary>A source with two tables, a lake, an analytics database, and a definition file that describe wrote.</summary>
public abstract class PipelineFixture(TestServers servers) : IAsyncLifetime
{
    protected TestServers Servers { get; } = servers;

    protected TestDatabase Source { get; private set; } = null!;

    protected TestDatabase Analytics { get; private set; } = null!;

    protected LakeUri Lake { get; private set; } = null!;

    protected string Definitions { get; } = Path.GetTempFileName();

    public async ValueTask InitializeAsync()
    {
        Source = await Servers.CreateDatabaseAsync();
        Analytics = await Servers.CreateDatabaseAsync();
        Lake = await Servers.CreateLakeAsync();
        await Source.ExecuteAsync(
            """
            CREATE TABLE accounts (id integer PRIMARY KEY, balance numeric(12,2) NOT NULL, note text);
            CREATE TABLE entries (account integer, place integer, amount numeric(12,2) NOT NULL, PRIMARY KEY (account, place));
            INSERT INTO accounts SELECT n, n, 'account ' || n FROM generate_series(1, 3000) n;
            INSERT INTO entries SELECT n, 1, n FROM generate_series(1, 3000) n;
            """);
        var tables = (await new TableDescriber(Source.ConnectionString).DescribeAsync([], CancellationToken.None)).Tables;
        await File.WriteAllTextAsync(Definitions, JsonSerializer.Serialize(tables, LocalJson.Indented.IReadOnlyListTableDefinition));
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        File.Delete(Definitions);
        await Source.DisposeAsync();
        await Analytics.DisposeAsync();
    }

    internal Task<(int ExitCode, string Output, string Errors)> RunAsync(params string[] arguments) =>
        CommandLine.RunAsync(Servers, arguments);

    internal CommandLine StartCapture(params string[] more) =>
        CommandLine.Start(
            Servers,
            ["capture", "--source", Source.ConnectionString, "--tables", Definitions, .. CommandLine.Lake(Servers, Lake), .. more]);

    internal CommandLine StartMerge(params string[] more) =>
        CommandLine.Start(
            Servers,
            ["merge", "--target", Analytics.ConnectionString, "--tables", Definitions, .. CommandLine.Lake(Servers, Lake), .. more]);

    internal static async Task SucceedsAsync(CommandLine command)
    {
        using (command)
        {
            var (exitCode, output, errors) = await command.EndAsync();
            Assert.True(exitCode == 0, output + errors);
        }
    }

    /// <summary>Captures until nothing is left, in this process: a start of the command line costs more than the work.</summary>
    protected Task CaptureAsync() => CaptureAsync(TimeSpan.FromMilliseconds(50), 5, CancellationToken.None);

    /// <summary>Captures until nothing came for a while, or until cancelled.</summary>
    protected async Task CaptureAsync(TimeSpan? untilIdle, int intervalSeconds, CancellationToken end) => await CaptureJob.RunAsync(
        new CaptureOptions
        {
            SourceConnection = Source.ConnectionString,
            Lake = Lake,
            S3 = Servers.S3,
            Tables = await TablesAsync(),
            IntervalSeconds = intervalSeconds,
            UntilIdle = untilIdle,
        },
        end);

    /// <summary>Merges until nothing is left, in this process.</summary>
    protected async Task MergeAsync()
    {
        var job = new MergeJob(new LakeReader(Servers.S3, Lake), Analytics.ConnectionString);
        foreach (var table in await TablesAsync())
            while ((await job.RunAsync(table, MergeInput.DefaultBatchBytes, CancellationToken.None)).More)
            {
                // The next batch.
            }
    }

    /// <summary>Captures until nothing is left, merges until nothing is left, and compares.</summary>
    internal async Task ArrivesIdenticalAsync()
    {
        await CaptureAsync();
        await MergeAsync();
        await AssertIdenticalAsync();
    }

    /// <summary>Both databases hold the same rows.</summary>
    protected async Task AssertIdenticalAsync()
    {
        var validator = new Validator(Source.ConnectionString, Analytics.ConnectionString);
        foreach (var table in await TablesAsync())
        {
            var output = (await validator.CompareAsync(table, withValues: false, CancellationToken.None)).Result;
            Assert.True(output.Identical, $"{output}: {string.Join(", ", output.DifferentColumns)}");
        }
    }

    protected async Task<IReadOnlyList<TableDefinition>> TablesAsync() =>
        ContractJson.ParseTables(await File.ReadAllTextAsync(Definitions), Definitions);

    /// <summary>Number of objects in the lake whose key ends like a change file.</summary>
    protected async Task<int> FilesAsync() =>
        await new LakeReader(Servers.S3, Lake).ListAsync(Lake.Prefix, null, CancellationToken.None)
            .CountAsync(found => ChangeFileName.IsCdc(found.Key) || ChangeFileName.IsLoad(found.Key));

    /// <summary>Writes random small transactions until cancelled.</summary>
    protected async Task WriteAsync(int seed, CancellationToken end)
    {
        var random = new Random(seed);
        while (!end.IsCancellationRequested)
        {
            var id = random.Next(1, 4000);
            await Source.ExecuteAsync(random.Next(5) switch
            {
                0 => $"INSERT INTO accounts VALUES ({id}, {seed}, NULL) ON CONFLICT (id) DO UPDATE SET balance = accounts.balance + 1",
                1 => $"DELETE FROM accounts WHERE id = {id}",
                2 => $"DELETE FROM entries WHERE account = {id}",
                _ =>
                    $"UPDATE accounts SET balance = balance + 1, note = 'seen by {seed}' WHERE id = {id}; "
                    + $"INSERT INTO entries SELECT {id}, coalesce(max(place), 0) + 1, {seed} FROM entries WHERE account = {id} "
                    + "ON CONFLICT DO NOTHING",
            });
        }
    }
}
