using System.Diagnostics;
using CdcDms.Pipeline.Validation;

namespace CdcDms.Pipeline.Tests.Validation;

/// <summary>Two databases, one with a schema <c>shop</c> and one with <c>analytics</c>, and comparisons of their tables.</summary>
public abstract class ComparisonFixture(TestServers servers) : IAsyncLifetime
{
    protected TestServers Servers { get; } = servers;

    protected TestDatabase Source { get; private set; } = null!;

    protected TestDatabase Target { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Source = await Servers.CreateDatabaseAsync();
        Target = await Servers.CreateDatabaseAsync();
        await Source.ExecuteAsync("CREATE SCHEMA shop");
        await Target.ExecuteAsync("CREATE SCHEMA analytics");
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await Source.DisposeAsync();
        await Target.DisposeAsync();
    }

    protected static TableDefinition Table(string name) => new() { Schema = "shop", Name = name, Target = $"analytics.{name}" };

    /// <summary>Runs the same statements in both schemas; <c>$</c> stands for the schema.</summary>
    protected async Task BothAsync(string sql)
    {
        await Source.ExecuteAsync(sql.Replace("$", "shop", StringComparison.Ordinal));
        await Target.ExecuteAsync(sql.Replace("$", "analytics", StringComparison.Ordinal));
    }

    private protected Task<TableComparison> CompareAsync(TableDefinition table, ScanLimits? limits = null, bool withValues = false) =>
        new Validator(Source.ConnectionString, Target.ConnectionString) { Limits = limits ?? new() }
            .CompareAsync(table, withValues, TestContext.Current.CancellationToken);

    /// <summary>The rows that differ, as <c>missing id=7</c> or <c>changed id=7: note price</c>.</summary>
    private protected async Task<IReadOnlyList<string>> DifferencesAsync(TableDefinition table, ScanLimits? limits = null)
    {
        var found = await CompareAsync(table, limits);
        Assert.Equal(
            found.Result.Missing + found.Result.Extra + found.Result.Changed, found.Differences.Count);
        Assert.Equal(
            found.Differences.SelectMany(row => row.Columns).ToHashSet(), found.Result.DifferentColumns.ToHashSet());
        return Named(found);
    }

    /// <inheritdoc cref="DifferencesAsync"/>
    private protected static IReadOnlyList<string> Named(TableComparison found) =>
    [
        .. found.Differences.Select(row =>
            $"{row.Kind} {string.Join(' ', row.Key.Select(part => $"{part.Key}={part.Value}"))}"
            + (row.Columns.Count == 0 ? "" : $": {string.Join(' ', row.Columns)}")),
    ];

    /// <summary>Waits until a condition of the source holds.</summary>
    protected async Task UntilAsync(string condition)
    {
        var began = Stopwatch.GetTimestamp();
        while (!await Source.ScalarAsync<bool>(condition))
            Assert.True(Stopwatch.GetElapsedTime(began) < TimeSpan.FromMinutes(1), $"Never came true: {condition}");
    }
}
