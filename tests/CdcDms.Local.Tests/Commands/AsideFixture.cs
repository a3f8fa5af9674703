using System.Text.Json.Nodes;
using Amazon.S3.Model;
using CdcDms.Contract.Lake;
using CdcDms.Contract.Tables;
using CdcDms.Testing;

namespace CdcDms.Local.Tests.Commands;

/// <summary>Makes what a merge puts aside: rows that the target refuses, files that nobody can read.</summary>
public abstract class AsideFixture(TestServers servers) : PipelineFixture(servers)
{
    private int _files;

    /// <summary>Captures and merges what the source has; it must go well.</summary>
    protected async Task ArriveAsync()
    {
        await CaptureAsync();
        await MergeAsync();
    }

    /// <summary>Lets the target refuse the account 17 and captures it; it is not merged yet.</summary>
    protected async Task CaptureRefusedAccountAsync()
    {
        await Analytics.ExecuteAsync("ALTER TABLE analytics.accounts ADD CONSTRAINT poor CHECK (balance < 1000000)");
        await Source.ExecuteAsync("UPDATE accounts SET balance = 2000000 WHERE id = 17; UPDATE accounts SET balance = 1 WHERE id = 18");
        await CaptureAsync();
    }

    /// <summary>Puts files into today's folder of accounts that are no Parquet.</summary>
    /// <returns>Their keys.</returns>
    protected async Task<IReadOnlyList<string>> PutUnreadableAsync(int count)
    {
        var keys = new List<string>();
        while (keys.Count < count)
        {
            var made = DateTime.UtcNow.Date.AddMilliseconds(_files++);
            keys.Add(Lake.CdcKey(new TableName("public", "accounts"), 1, made, made));
            await Servers.S3.PutObjectAsync(
                new PutObjectRequest { BucketName = Lake.Bucket, Key = keys[^1], ContentBody = "this is no Parquet" });
        }

        return keys;
    }

    /// <summary>Changes the definition of a table in the file.</summary>
    protected async Task RedefineAsync(string name, Action<JsonObject> change)
    {
        var tables = JsonNode.Parse(await File.ReadAllTextAsync(Definitions))!.AsArray();
        change(tables.Single(table => table!["name"]!.GetValue<string>() == name)!.AsObject());
        await File.WriteAllTextAsync(Definitions, tables.ToJsonString());
    }

    /// <summary>Adds definitions to the file, right or wrong.</summary>
    protected async Task AlsoDefineAsync(params string[] definitions)
    {
        var tables = JsonNode.Parse(await File.ReadAllTextAsync(Definitions))!.AsArray();
        foreach (var definition in definitions)
            tables.Add(JsonNode.Parse(definition));
        await File.WriteAllTextAsync(Definitions, tables.ToJsonString());
    }

    /// <summary>Runs a verb with <c>--json</c>: stdout is one JSON object and nothing else.</summary>
    internal async Task<(int ExitCode, JsonObject Report, string Errors)> JsonAsync(params string[] arguments)
    {
        var (exitCode, output, errors) = await RunAsync([.. arguments, "--json"]);
        return (exitCode, JsonNode.Parse(output)!.AsObject(), errors);
    }

    internal async Task<JsonObject> StatusAsync(string target = "analytics.accounts")
    {
        var (exitCode, report, errors) = await JsonAsync("status", "--target", Analytics.ConnectionString);
        Assert.Equal((0, ""), (exitCode, errors));
        return report["tables"]!.AsArray().Single(table => table!["target"]!.GetValue<string>() == target)!.AsObject();
    }

    /// <summary>The open changes of <c>quarantine list</c>.</summary>
    internal async Task<JsonArray> QuarantineAsync()
    {
        var (exitCode, report, errors) = await JsonAsync("quarantine", "list", "--target", Analytics.ConnectionString);
        Assert.Equal((0, ""), (exitCode, errors));
        return report["changes"]!.AsArray();
    }

    /// <summary>The analytics database, as messages call it.</summary>
    internal string AnalyticsName
    {
        get
        {
            var settings = new Npgsql.NpgsqlConnectionStringBuilder(Analytics.ConnectionString);
            return $"the database {settings.Database} at {settings.Host}:{settings.Port}";
        }
    }

    /// <summary>The arguments of a merge.</summary>
    internal string[] Merge =>
        ["merge", "--target", Analytics.ConnectionString, "--tables", Definitions, .. CommandLine.Lake(Servers, Lake)];
}
