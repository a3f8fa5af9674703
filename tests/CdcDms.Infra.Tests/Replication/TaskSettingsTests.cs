using System.Text.Json.Nodes;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Replication;

namespace CdcDms.Infra.Tests.Replication;

public class TaskSettingsTests
{
    private static readonly JsonNode Settings = JsonNode.Parse(
        TaskSettings.Json(lobKilobytes: 4096, new LoadPace(Tables: 3, Rows: 2_500)))!;

    [Theory]
    [InlineData("ChangeProcessingDdlHandlingPolicy.HandleSourceTableDropped", "false")]
    [InlineData("ChangeProcessingDdlHandlingPolicy.HandleSourceTableTruncated", "false")]
    [InlineData("ChangeProcessingDdlHandlingPolicy.HandleSourceTableAltered", "true")]
    [InlineData("TargetMetadata.BatchApplyEnabled", "false")]
    [InlineData("TargetMetadata.SupportLobs", "true")]
    [InlineData("TargetMetadata.LimitedSizeLobMode", "true")]
    [InlineData("TargetMetadata.FullLobMode", "false")]
    [InlineData("TargetMetadata.LobMaxSize", "4096")]
    [InlineData("FullLoadSettings.MaxFullLoadSubTasks", "3")]
    [InlineData("FullLoadSettings.CommitRate", "2500")]
    [InlineData("FullLoadSettings.TargetTablePrepMode", "\"DO_NOTHING\"")]
    [InlineData("ErrorBehavior.DataErrorPolicy", "\"SUSPEND_TABLE\"")]
    [InlineData("ErrorBehavior.DataTruncationErrorPolicy", "\"SUSPEND_TABLE\"")]
    [InlineData("Logging.EnableLogging", "true")]
    public void What_keeps_data_safe_is_set(string path, string value) =>
        Assert.Equal(value, path.Split('.').Aggregate(Settings, (node, name) => node[name]!).ToJsonString());

    [Theory]
    [InlineData("CloudWatchLogGroup")]
    [InlineData("CloudWatchLogStream")]
    public void What_DMS_refuses_on_creation_is_never_sent(string key) =>
        Assert.DoesNotContain(key, Settings.ToJsonString(), StringComparison.Ordinal);
}
