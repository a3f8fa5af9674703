using Amazon.CDK;
using Amazon.CDK.AWS.SNS;
using CdcDms.Contract;
using CdcDms.Infra.Policies;
using CdcDms.Infra.Tests.Synthesis;

namespace CdcDms.Infra.Tests.Policies;

public class PolicyCheckTests
{
    [Fact]
    public void An_app_that_breaks_policies_ends_with_a_sentence_for_each()
    {
        var fault = Assert.Throws<CdcDmsException>(() => Check(stack => _ = new CfnTopic(stack, "Loud")));

        Assert.Equal(ErrorKind.BadDefinition, fault.Kind);
        Assert.Equal(
            """
            extra: AWS::SNS::Topic extra/Loud is not encrypted: give it a KMS key.
            extra: AWS::SNS::Topic extra/Loud takes requests without TLS: add an AWS::SNS::TopicPolicy that denies them (EnforceSSL).
            """,
            fault.Message);
    }

    [Fact]
    public void An_app_that_keeps_all_policies_goes_on() => Check(_ => { });

    // As the CDK CLI has it: the template says where each resource stands in the tree of constructs.
    private static void Check(Action<Stack> make) => SynthesizedEnvironment.Alone(() =>
    {
        var folder = Directory.CreateTempSubdirectory("cdcdms-policies-");
        try
        {
            var app = PipelineApp.Create(
                folder.FullName, new Dictionary<string, object> { ["aws:cdk:enable-path-metadata"] = true });
            make(new Stack(app, "extra"));
            PolicyCheck.Require(app.Synth());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    });
}
