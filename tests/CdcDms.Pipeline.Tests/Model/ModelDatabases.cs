using System.Collections.Concurrent;
using CdcDms.Pipeline.Markers;

namespace CdcDms.Pipeline.Tests.Model;

/// <summary>
/// The sources and the analytics databases of the histories. Each history has tables of its own, and with thousands of tables PostgreSQL
/// takes several times as long for each statement.
/// </summary>
public sealed class ModelDatabases(TestServers servers) : IAsyncDisposable
{
    private const int HistoriesEach = 500;

    private readonly ConcurrentDictionary<(bool IsSource, int Number), Lazy<Task<TestDatabase>>> _made = new();

    /// <summary>The analytics database of a history.</summary>
    /// <param name="number">The history's number.</param>
    public Task<TestDatabase> AnalyticsAsync(int number) =>
        OfAsync(false, number, "CREATE EXTENSION citext; CREATE SCHEMA analytics");

    /// <summary>The source of a history.</summary>
    /// <param name="number">The history's number.</param>
    public Task<TestDatabase> SourceAsync(int number) => OfAsync(true, number, string.Join("; ", MarkerSchema.Statements));

    public async ValueTask DisposeAsync()
    {
        foreach (var made in _made.Values)
            await (await made.Value).DisposeAsync();
    }

    private Task<TestDatabase> OfAsync(bool isSource, int number, string made) =>
        _made.GetOrAdd((isSource, number / HistoriesEach), _ => new Lazy<Task<TestDatabase>>(async () =>
        {
            var database = await servers.CreateDatabaseAsync();
            await database.ExecuteAsync(made);
            return database;
        })).Value;
}
