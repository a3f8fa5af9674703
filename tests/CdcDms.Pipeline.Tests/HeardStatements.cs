using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.RegularExpressions;
using Npgsql;

namespace CdcDms.Pipeline.Tests;

/// <summary>What is said to a database while this lives.</summary>
public sealed partial class HeardStatements : IDisposable
{
    private readonly ConcurrentQueue<string> _statements = [];
    private readonly ActivityListener _listener;

    public HeardStatements(TestDatabase database)
    {
        var name = new NpgsqlConnectionStringBuilder(database.ConnectionString).Database!;
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Npgsql",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity =>
            {
                if (name.Equals(activity.GetTagItem("db.namespace")) && activity.GetTagItem("db.query.text") is string text)
                    _statements.Enqueue(Spaces().Replace(text, " "));
            },
        };
        ActivitySource.AddActivityListener(_listener);
    }

    /// <summary>Each message, up to the first thing that it names.</summary>
    public IReadOnlyList<string> Beginnings => [.. _statements.Select(statement => Beginning().Match(statement).Value)];

    public void Dispose() => _listener.Dispose();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();

    [GeneratedRegex(@"^(WITH \w+ AS \( )?([A-Z]+ )+[\w.""]+")]
    private static partial Regex Beginning();
}
