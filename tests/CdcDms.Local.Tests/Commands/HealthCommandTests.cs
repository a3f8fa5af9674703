using CdcDms.Testing;

namespace CdcDms.Local.Tests.Commands;

/// <summary>What is wrong with a pipeline over servers of one's own.</summary>
public sealed class HealthCommandTests(TestServers servers) : AsideFixture(servers)
{
    [Fact]
    public async Task What_somebody_must_look_at_now_is_exit_code_1_and_each_line_names_the_runbooks_section()
    {
        await ArriveAsync();

        var (exitCode, output, errors) = await RunAsync(Arguments());

        Assert.Equal((0, ""), (exitCode, errors));
        Assert.Contains("warning: Nobody knows since ", output, StringComparison.Ordinal);
        Assert.DoesNotContain("critical: ", output, StringComparison.Ordinal);
        Assert.Contains("docs/runbook.md#unproven", output, StringComparison.Ordinal);

        await Analytics.ExecuteAsync("UPDATE cdc.tables SET parked_cause = 'as a test' WHERE target_name = 'accounts'");
        (exitCode, output, _) = await RunAsync(Arguments());

        Assert.Equal(1, exitCode);
        Assert.Contains(
            "critical: public.accounts is parked: nothing is merged into analytics.accounts. Runbook: docs/runbook.md#parked-table",
            output.ReplaceLineEndings(" "), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_as_json_is_the_report_of_the_state_machine()
    {
        await ArriveAsync();
        await PutUnreadableAsync(2);

        var (exitCode, report, errors) = await JsonAsync(Arguments());

        Assert.Equal((0, ""), (exitCode, errors));
        Assert.False(report["healthy"]!.GetValue<bool>());
        Assert.Equal(2, report["counts"]!["filesWaiting"]!.GetValue<int>());
        Assert.Equal(
            ["public.accounts 2", "public.entries 0"],
            report["tables"]!.AsArray().Select(table => $"{table!["table"]} {table["filesWaiting"]}").Order());
    }

    private string[] Arguments() =>
    [
        "health", "--source", Source.ConnectionString, "--target", Analytics.ConnectionString, "--lake", Lake.ToString(),
        "--s3-endpoint", Servers.S3Server.Endpoint.ToString(), "--tables", Definitions,
    ];
}
