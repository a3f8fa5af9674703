using System.Text.Json.Nodes;

namespace CdcDms.Infra.Tests.Synthesis;

/// <summary><c>cdk.json</c>, as the CDK's command line reads it.</summary>
public class CdkSettingsTests
{
    private static readonly JsonObject Context = JsonNode.Parse(Repository.Read("cdk.json"))!["context"]!.AsObject();

    // Of these, the command line warns at every synthesis that they "might cause surprising behavior and should be removed".
    [Fact]
    public void No_context_has_a_name_that_the_cdk_keeps_for_itself() =>
        Assert.DoesNotContain(Context, context => context.Key.StartsWith("aws:", StringComparison.Ordinal));

    [Fact]
    public void The_command_line_sends_no_telemetry() => Assert.False(Context["cli-telemetry"]!.GetValue<bool>());
}
