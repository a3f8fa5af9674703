using System.Text.Json;
using CdcDms.Functions.CustomResources;

namespace CdcDms.Functions.Tests.CustomResources;

public sealed class CloudFormationOutputTests
{
    private static readonly CloudFormationRequest Request = new()
    {
        RequestType = RequestType.Create,
        ResponseUrl = "https://bucket/answer",
        StackId = "arn:aws:cloudformation:eu-central-1:123456789012:stack/dev-Replication/0f6a1e40-c7a8-11f0-9a3e-0a1b2c3d4e5f",
        RequestId = "request-1",
        LogicalResourceId = "After",
    };

    [Theory]
    [InlineData("a")]
    [InlineData("\"")]
    [InlineData("\\")]
    [InlineData("ä")]
    [InlineData("€")]
    [InlineData("😀")]
    [InlineData("\u0001")]
    [InlineData("a\"ä😀\u0001")]
    public void A_long_reason_of_any_letters_fills_the_answer_and_never_exceeds_its_limit(string letters)
    {
        var answer = Write(string.Concat(Enumerable.Repeat(letters, 5000)));

        Assert.InRange(answer.Length, CloudFormationOutput.MaximumBytes - 12, CloudFormationOutput.MaximumBytes);
        Assert.StartsWith(letters, Reason(answer), StringComparison.Ordinal);
        Assert.EndsWith("…", Reason(answer), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("The table \"bücher\" is not what it was 😀.")]
    [InlineData("")]
    public void A_reason_that_fits_is_told_as_it_is(string reason) => Assert.Equal(reason, Reason(Write(reason)));

    [Fact]
    public void Half_of_a_letter_does_not_keep_the_answer_from_being_sent() => Assert.Equal("a\ufffdb", Reason(Write("a\ud83db")));

    [Fact]
    public void The_last_reason_that_fits_is_whole_and_the_next_one_is_cut()
    {
        var room = CloudFormationOutput.MaximumBytes - Write("").Length;

        Assert.Equal(new string('a', room), Reason(Write(new string('a', room))));
        Assert.Equal(new string('a', room - 3) + "…", Reason(Write(new string('a', room + 1))));
    }

    [Fact]
    public void A_success_has_no_reason()
    {
        using var answer = JsonDocument.Parse(Write(null));

        Assert.Equal("SUCCESS", answer.RootElement.GetProperty("Status").GetString());
        Assert.False(answer.RootElement.TryGetProperty("Reason", out _));
    }

    private static byte[] Write(string? reason) => CloudFormationOutput.Write(CloudFormationAnswer.To(Request, reason));

    private static string Reason(byte[] answer)
    {
        using var json = JsonDocument.Parse(answer);
        Assert.Equal("FAILED", json.RootElement.GetProperty("Status").GetString());
        return json.RootElement.GetProperty("Reason").GetString()!;
    }
}
