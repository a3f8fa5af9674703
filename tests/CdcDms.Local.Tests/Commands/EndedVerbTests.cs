using System.Diagnostics;
using System.Text.Json.Nodes;
using CdcDms.Testing;
using Npgsql;

namespace CdcDms.Local.Tests.Commands;

/// <summary>Verbs that a signal ends.</summary>
public sealed class EndedVerbTests(TestServers servers) : PipelineFixture(servers)
{
    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task With_json_a_verb_that_a_signal_ends_prints_one_object_all_the_same(string signal)
    {
        await CaptureAsync();
        await MergeAsync();
        await using var holder = await Source.OpenAsync();
        await using var transaction = await holder.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await using (var hold = new NpgsqlCommand("LOCK TABLE accounts IN ACCESS EXCLUSIVE MODE", holder))
            await hold.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        using var validate = CommandLine.Start(
            Servers,
            "validate", "--source", Source.ConnectionString, "--target", Analytics.ConnectionString, "--tables", Definitions, "--json");
        await CommandLine.WaitUntilAsync(() => Source.ScalarAsync<bool>(
            "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database())"));

        using var kill = Process.Start("kill", ["-s", signal, $"{validate.Id}"]);
        var (exitCode, output, errors) = await validate.EndAsync();

        Assert.Equal(130, exitCode);
        Assert.Equal(
            "validate was ended before it was done; what was done until then stays.",
            JsonNode.Parse(output)!["failure"]!.GetValue<string>());
        Assert.Equal("validate was ended before it was done; what was done until then stays.", errors.Trim());
    }
}
