namespace CdcDms.Functions.Tests.Lifecycle;

/// <summary>A replication that the stand-in holds: a task, or a serverless replication.</summary>
internal sealed class HeldReplication(string status)
{
    /// <summary>States to come; a description shows the next one, the last one stays.</summary>
    public Queue<string> Statuses { get; } = new([status]);

    public string[] WhenStarted { get; set; } = ["starting", "running"];

    public string[] WhenStopped { get; set; } = ["stopping", "stopped"];

    public string? RecoveryCheckpoint { get; init; }

    public string MigrationType { get; init; } = "full-load-and-cdc";

    public int TablesLoaded { get; init; }

    public string? Cause { get; init; }

    /// <summary>Why the connection test of the source endpoint fails; null when it succeeds.</summary>
    public string? ConnectionFailure { get; init; }

    /// <summary>What the test of each endpoint's connection says next; a test begins with <c>testing</c>.</summary>
    public Dictionary<string, Queue<string>> Connections { get; } = [];

    public string Status => Statuses.Peek();

    public void Become(params string[] statuses)
    {
        Statuses.Clear();
        foreach (var next in statuses)
            Statuses.Enqueue(next);
    }
}
