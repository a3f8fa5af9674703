using System.Text;
using Amazon.Runtime;
using CdcDms.Aws;

namespace CdcDms.Functions.Tests.Aws;

public sealed class AwsSignatureTests
{
    /// <summary>Example <c>post-x-www-form-urlencoded</c> of AWS's Signature Version 4 test suite.</summary>
    [Fact]
    public void A_request_is_signed_as_in_the_example_that_AWS_publishes()
    {
        using var request = new AwsSignature("service", "us-east-1").Post(
            new Uri("https://example.amazonaws.com"),
            "application/x-www-form-urlencoded",
            target: null,
            Encoding.UTF8.GetBytes("Param1=value1"),
            new ImmutableCredentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", null),
            new DateTime(2015, 8, 30, 12, 36, 0, DateTimeKind.Utc));

        Assert.Equal("20150830T123600Z", Assert.Single(request.Headers.GetValues("x-amz-date")));
        Assert.Equal(
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
                + "SignedHeaders=content-type;host;x-amz-date, "
                + "Signature=ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
            Assert.Single(request.Headers.GetValues("Authorization")));
    }

    /// <summary>As botocore 1.43.11 signs the call of a function by its ARN.</summary>
    [Fact]
    public void A_path_is_signed_encoded_once_more_than_it_is_sent()
    {
        const string arn = "arn%3Aaws%3Alambda%3Aeu-central-1%3A111122223333%3Afunction%3Acdcdms-dev-operate";
        const string path = $"/2015-03-31/functions/{arn}/invocations";
        using var request = new AwsSignature("lambda", "eu-central-1").Post(
            new Uri($"https://lambda.eu-central-1.amazonaws.com{path}"),
            "application/json",
            target: null,
            Encoding.UTF8.GetBytes("""{"verb":"status"}"""),
            new ImmutableCredentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", null),
            new DateTime(2015, 8, 30, 12, 36, 0, DateTimeKind.Utc));

        Assert.Equal(path, request.RequestUri!.AbsolutePath);
        Assert.EndsWith(
            "Signature=25767d86c0bea7cff5ef1f236250eedeb9d6ed1c2789f9c3648e7211537ff6d0",
            Assert.Single(request.Headers.GetValues("Authorization")),
            StringComparison.Ordinal);
    }
}
