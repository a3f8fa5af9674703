using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Merging;
using CdcDms.Pipeline.Quarantine;

namespace CdcDms.Pipeline.Tests;

/// <summary>A lake, an analytics database and a table with the columns id and name between them.</summary>
public abstract class MergeFixture(TestServers servers) : IAsyncLifetime
{
    /// <summary>The table of most tests.</summary>
    protected static TableDefinition People { get; } = new()
    {
        Schema = "public",
        Name = "people",
        Target = "analytics.people",
        Key = ["id"],
        Columns = [new() { From = "id", To = "id", Type = "integer" }, new() { From = "name", To = "name", Type = "text" }],
    };

    /// <summary>The same, of which the definition tells neither columns nor key: both are the target's.</summary>
    protected static TableDefinition Bare { get; } = People with { Columns = null, Key = null };

    protected TestServers Servers { get; } = servers;

    protected TestLake Lake { get; private set; } = null!;

    protected TestDatabase Analytics { get; private set; } = null!;

    /// <summary>The clock of the merges; it runs with the system's until a test moves it.</summary>
    protected MovedClock Clock { get; } = new();

    /// <summary>A job that merges by <see cref="Clock"/>.</summary>
    protected MergeJob Job => new(Lake.Reader, Analytics.ConnectionString, time: Clock);

    public async ValueTask InitializeAsync()
    {
        Lake = await TestLake.CreateAsync(Servers);
        Analytics = await Servers.CreateDatabaseAsync();
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        Lake.Dispose();
        await Analytics.DisposeAsync();
    }

    /// <summary>Merges until nothing waits; the counts of each batch balance.</summary>
    protected async Task<RowCounts> MergeAsync(TableDefinition table, long batchBytes = 1L << 30)
    {
        var rows = new RowCounts();
        MergeOutput output;
        do
        {
            output = await Job.RunAsync(table, batchBytes, CancellationToken.None);
            Assert.True(output.Rows.Balance(), output.Rows.ToString());
            rows += output.Rows;
        }
        while (output.More);
        return rows;
    }

    /// <summary>Puts a CDC file with changes of a table that has the columns id and name: <c>('I', 1, 7, 'ada')</c>.</summary>
    /// <returns>The file's key.</returns>
    protected Task<string> ChangesAsync(TableDefinition table, params string[] rows) =>
        Lake.CdcAsync(table, $"SELECT * FROM (VALUES {string.Join(", ", rows)}) t(op, v, id, name)");

    /// <summary>Makes the target table.</summary>
    /// <param name="columns">Its columns and constraints.</param>
    /// <param name="before">Statements that come before it, in the database with the schema <c>analytics</c>.</param>
    protected Task TargetAsync(string columns, string before = "") =>
        Analytics.ExecuteAsync($"CREATE SCHEMA analytics; {before}; CREATE TABLE analytics.people ({columns})");

    /// <summary>The fault of a merge that must fail.</summary>
    protected async Task<CdcDmsException> FaultAsync(TableDefinition table) =>
        await Assert.ThrowsAsync<CdcDmsException>(() => MergeAsync(table));

    /// <summary>A merge fails, with a kind and with a sentence that has all of these parts.</summary>
    protected async Task AssertRefusedAsync(TableDefinition table, ErrorKind kind, params string[] parts)
    {
        var fault = await FaultAsync(table);
        Assert.Equal(kind, fault.Kind);
        Assert.All(parts, part => Assert.Contains(part, fault.Message, StringComparison.Ordinal));
    }

    /// <summary>Tries a table's quarantined changes again.</summary>
    protected Task<RetryResult> RetryAsync(TableDefinition table) =>
        new QuarantineJob(Analytics.ConnectionString).RetryAsync(table, null, CancellationToken.None);

    /// <summary>A query over the analytics database gives this one value.</summary>
    protected async Task AssertAnswerAsync<T>(T expected, string sql) =>
        Assert.Equal(expected, await Analytics.ScalarAsync<T>(sql));

    /// <summary>What the ledger tells about the only table.</summary>
    protected async Task<TableStatus> StatusAsync() =>
        Assert.Single(await new StatusJob(Analytics.ConnectionString).ReadAsync(CancellationToken.None));

    /// <summary>The open changes in the quarantine.</summary>
    protected Task<List<QuarantinedChange>> QuarantineAsync() =>
        new QuarantineJob(Analytics.ConnectionString).ListAsync(id: null, CancellationToken.None);

    /// <summary>All rows as text, in key order: <c>1=ada 2=bob</c>.</summary>
    protected async Task<string> PeopleAsync() =>
        await Analytics.ScalarAsync<string>(
            "SELECT string_agg(id || '=' || coalesce(name::text, '∅'), ' ' ORDER BY id) FROM analytics.people") ?? "";
}
