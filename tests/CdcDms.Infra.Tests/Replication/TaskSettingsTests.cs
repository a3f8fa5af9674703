using System.Text.Json.Nodes;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Replication;

namespace CdcDms.Infra.Tests.Replication;

public class TaskSettingsTests
{
    private static readonly JsonNode Settings = Of(new DirectRoute());

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

    // The form in which a changed key was recorded (docs/dms-contract.md#before-images).
    [Fact]
    public void A_stream_is_told_old_keys_beside_the_row_and_files_by_a_rule_alone()
    {
        var ofStream = Of(new StreamRoute { Shards = null, RetentionHours = 24 });

        Assert.Equal(
            """{"EnableBeforeImage":true,"FieldName":"before-image","ColumnFilter":"pk-only"}""",
            ofStream["BeforeImageSettings"]!.ToJsonString());
        Assert.DoesNotContain("BeforeImageSettings", Settings.ToJsonString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("CloudWatchLogGroup")]
    [InlineData("CloudWatchLogStream")]
    public void What_DMS_refuses_on_creation_is_never_sent(string key) =>
        Assert.DoesNotContain(key, Settings.ToJsonString(), StringComparison.Ordinal);

    private static JsonNode Of(ReplicationRoute route) =>
        JsonNode.Parse(TaskSettings.Json(lobKilobytes: 4096, new LoadPace(Tables: 3, Rows: 2_500), route))!;
}
