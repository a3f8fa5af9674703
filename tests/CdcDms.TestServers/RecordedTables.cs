using System.Globalization;
using System.Text.Json.Nodes;

namespace CdcDms.Testing;

/// <summary>A table's statistics at one moment; times are seconds since 1970.</summary>
public sealed record RecordedLoad(string State, double? Start = null, double? End = null, long ErrorRows = 0);

/// <summary>A table that DMS captures: what it shows of it, look by look; the last look stays.</summary>
public sealed class RecordedTable(params RecordedLoad[] looks)
{
    private Queue<RecordedLoad> _looks = new(looks);
    private int _hours;

    /// <summary>
    /// What is shown once the table is to be loaded again, each time an hour later. Default: as before, as when DMS does nothing.
    /// </summary>
    public RecordedLoad[]? WhenReloaded { get; init; }

    internal RecordedLoad Look() => _looks.Count > 1 ? _looks.Dequeue() : _looks.Peek();

    internal void Reload()
    {
        if (WhenReloaded is not null)
            _looks = new Queue<RecordedLoad>(WhenReloaded.Select(look => Later(look, _hours)));
        _hours++;
    }

    private static RecordedLoad Later(RecordedLoad look, int hours) =>
        look with { Start = look.Start + (hours * 3600), End = look.End + (hours * 3600) };
}

/// <summary>
/// The tables of a replication as the DMS API shows them, in the API's own JSON and page by page, for a task and for a serverless
/// replication.
/// </summary>
public sealed class RecordedTables
{
    private const int PageSize = 2;
    private readonly Lock _turn = new();
    private List<JsonNode> _page = [];

    /// <summary>The tables by <c>schema.name</c>.</summary>
    public Dictionary<string, RecordedTable> Tables { get; } = [];

    /// <summary>The tables that were to be loaded again, in order; those of one call joined by a comma.</summary>
    public List<string> Reloaded { get; } = [];

    /// <summary>The engine's version of the instance, and when AWS withdraws it, in seconds since 1970; null without a date.</summary>
    public (string Version, double? End) Engine { get; set; } = ("3.6.1", null);

    /// <summary>Whether each page begins with the last table of the one before, as when a table came while they were read.</summary>
    public bool PagesOverlap { get; set; }

    /// <summary>The body of an answer; null when the operation is not about tables.</summary>
    public string? Answer(string operation, JsonNode input)
    {
        lock (_turn)
            return operation switch
            {
                "DescribeTableStatistics" => Describe("TableStatistics", input),
                "DescribeReplicationTableStatistics" => Describe("ReplicationTableStatistics", input),
                "DescribeReplicationInstances" => Instance(),
                "DescribeEngineVersions" => Engines(input),
                "ReloadTables" or "ReloadReplicationTables" => Reload(input),
                _ => null,
            };
    }

    private string Describe(string list, JsonNode input)
    {
        var from = (string?)input["Marker"] is { } marker ? int.Parse(marker, CultureInfo.InvariantCulture) : 0;
        if (from == 0)
            _page = [.. Tables.Select(table => Statistics(table.Key, table.Value.Look()))];
        var first = PagesOverlap && from > 0 ? from - 1 : from;
        var answer = new JsonObject
        {
            [list] = new JsonArray([.. _page.Take(from + PageSize).Skip(first).Select(table => table.DeepClone())]),
        };
        if (from + PageSize < _page.Count)
            answer["Marker"] = (from + PageSize).ToString(CultureInfo.InvariantCulture);
        return answer.ToJsonString();
    }

    private string Instance() => new JsonObject
    {
        ["ReplicationInstances"] = new JsonArray(new JsonObject { ["EngineVersion"] = Engine.Version }),
    }.ToJsonString();

    // The instance's version is on the second page.
    private string Engines(JsonNode input)
    {
        if ((string?)input["Marker"] is null)
            return new JsonObject
            {
                ["EngineVersions"] = new JsonArray(new JsonObject { ["Version"] = "3.4.7", ["ForceUpgradeDate"] = 1.5 }),
                ["Marker"] = "next",
            }.ToJsonString();
        var engine = new JsonObject { ["Version"] = Engine.Version, ["Lifecycle"] = "ACTIVE" };
        if (Engine.End is { } end)
            engine["DeprecationDate"] = end;
        return new JsonObject { ["EngineVersions"] = new JsonArray(engine) }.ToJsonString();
    }

    private string Reload(JsonNode input)
    {
        var names = input["TablesToReload"]!.AsArray().Select(table => $"{table!["SchemaName"]}.{table["TableName"]}").ToList();
        Reloaded.Add(string.Join(",", names));
        foreach (var name in names)
            Tables[name].Reload();
        return new JsonObject { ["ReplicationTaskArn"] = (string?)input["ReplicationTaskArn"] }.ToJsonString();
    }

    private static JsonObject Statistics(string name, RecordedLoad load)
    {
        var statistics = new JsonObject
        {
            ["SchemaName"] = name.Split('.')[0],
            ["TableName"] = name.Split('.')[1],
            ["Inserts"] = 0,
            ["Deletes"] = 0,
            ["Updates"] = 0,
            ["Ddls"] = 0,
            ["AppliedInserts"] = 0,
            ["AppliedDeletes"] = 0,
            ["AppliedUpdates"] = 0,
            ["AppliedDdls"] = 0,
            ["FullLoadRows"] = load.Start is null ? 0 : 3000,
            ["FullLoadCondtnlChkFailedRows"] = 0,
            ["FullLoadErrorRows"] = load.ErrorRows,
            ["FullLoadReloaded"] = false,
            ["LastUpdateTime"] = 1795370000.456,
            ["TableState"] = load.State,
            ["ValidationPendingRecords"] = 0,
            ["ValidationFailedRecords"] = 0,
            ["ValidationSuspendedRecords"] = 0,
            ["ValidationState"] = "Not enabled",
        };
        if (load.Start is { } start)
            statistics["FullLoadStartTime"] = start;
        if (load.End is { } end)
            statistics["FullLoadEndTime"] = end;
        return statistics;
    }
}
