namespace CdcDms.Infra.Tests.Environments;

public class AlarmDestinationTests
{
    [Theory]
    [InlineData("alarms.critical", "me@example.com", "$.alarms.critical: must be a list of texts")]
    [InlineData(
        "alarms.warning",
        new[] { "me@example.com", "http://example.com" },
        "$.alarms.warning[1]: 'http://example.com' is not an e-mail address, an https:// endpoint or the ARN of an SNS topic")]
    [InlineData(
        "alarms.warning",
        new[] { "arn:aws:sns:eu-west-1:444455556666:oncall" },
        "$.alarms.warning: is not in eu-central-1; secrets, keys and topics are used in their own region")]
    [InlineData(
        "alarms.critical",
        new[]
        {
            "arn:aws:sns:eu-central-1:444455556666:a", "arn:aws:sns:eu-central-1:444455556666:b", "arn:aws:sns:eu-central-1:444455556666:c",
            "arn:aws:sns:eu-central-1:444455556666:d", "arn:aws:sns:eu-central-1:444455556666:e",
        },
        "$.alarms.critical: names more than 4 topics, and an alarm tells no more besides the environment's own: subscribe people to one of "
        + "them")]
    public void Who_cannot_be_told_is_one_line_with_its_path(string path, object value, string line) =>
        Assert.Equal([line], new EnvironmentJson("prod").With(path, value).Faults());

    [Fact]
    public void Addresses_endpoints_and_topics_are_told_apart()
    {
        string[] told = ["https://example.com/hook@v1", "arn:aws:sns:eu-central-1:444455556666:oncall", "me@example.com"];

        var critical = new EnvironmentJson("prod").With("alarms.critical", told).Read().Alarms.Critical;

        Assert.Equal<string>(told, [.. critical.Endpoints, .. critical.TopicArns, .. critical.Emails]);
    }
}
