using System.Collections.Concurrent;

namespace CdcDms.Pipeline.Tests.Model;

/// <summary>
/// The analytics databases of the histories. Each history has tables of its own, and with thousands of tables PostgreSQL takes several
/// times as long for each statement.
/// </summary>
public sealed class ModelDatabases(TestServers servers) : IAsyncDisposable
{
    private const int HistoriesEach = 500;

    private readonly ConcurrentDictionary<int, Lazy<Task<TestDatabase>>> _made = new();

    /// <summary>The database of a history.</summary>
    /// <param name="number">The history's number.</param>
    public Task<TestDatabase> OfAsync(int number) =>
        _made.GetOrAdd(number / HistoriesEach, _ => new Lazy<Task<TestDatabase>>(CreateAsync)).Value;

    public async ValueTask DisposeAsync()
    {
        foreach (var made in _made.Values)
            await (await made.Value).DisposeAsync();
    }

    private async Task<TestDatabase> CreateAsync()
    {
        var analytics = await servers.CreateDatabaseAsync();
        await analytics.ExecuteAsync("CREATE EXTENSION citext; CREATE SCHEMA analytics");
        return analytics;
    }
}
