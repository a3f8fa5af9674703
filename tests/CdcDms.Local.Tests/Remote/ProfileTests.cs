using CdcDms.Local.Tests.Commands;
using CdcDms.Testing;

namespace CdcDms.Local.Tests.Remote;

/// <summary>Profiles of the AWS command line, as far as they can be understood without AWS.</summary>
public sealed class ProfileTests(TestServers servers)
{
    private const string Profiles =
        """
        [profile center]
        sso_session = corp
        sso_account_id = 111122223333
        sso_role_name = operator
        region = eu-central-1

        [sso-session corp]
        sso_region = eu-central-1
        sso_start_url = https://corp.awsapps.com/start
        sso_registration_scopes = sso:account:access

        [profile base]
        aws_access_key_id = AKIAEXAMPLE
        aws_secret_access_key = secret

        [profile assumed]
        role_arn = arn:aws:iam::111122223333:role/operator
        source_profile = base
        region = eu-central-1
        """;

    [Fact]
    public async Task A_profile_of_IAM_Identity_Center_lacks_its_login_and_nothing_else()
    {
        var (exitCode, output, errors) = await StatusAsync("center", new Uri("http://127.0.0.1:1"));

        Assert.Equal((1, ""), (exitCode, output));
        Assert.Equal(
            "The AWS credentials cannot be had: No valid SSO Token could be found; sign in again, by aws sso login for example.",
            errors.Trim());
        AssertNothingMissing(errors);
    }

    [Fact]
    public async Task A_profile_that_assumes_a_role_asks_for_it_with_the_profile_that_it_names()
    {
        var asked = new List<string>();
        await using var tokens = await AwsStandIn.StartAsync((_, body) =>
        {
            asked.Add(Uri.UnescapeDataString(body));
            return (403, "", """
                <ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>AccessDenied</Code>
                <Message>User base may not assume operator</Message></Error></ErrorResponse>
                """);
        });

        var (exitCode, output, errors) = await StatusAsync("assumed", tokens.Url);

        Assert.Equal((1, ""), (exitCode, output));
        Assert.NotEmpty(asked);
        Assert.All(asked, body => Assert.Contains("Action=AssumeRole", body, StringComparison.Ordinal));
        Assert.All(asked, body => Assert.Contains("arn:aws:iam::111122223333:role/operator", body, StringComparison.Ordinal));
        AssertNothingMissing(errors);
    }

    [Fact]
    public void The_functions_bundle_has_no_package_for_profiles()
    {
        var packages = Repository.Read("lambdas", "CdcDms.Functions", "packages.lock.json");

        Assert.Contains("\"AWSSDK.Core\"", packages, StringComparison.Ordinal);
        Assert.All(
            ["AWSSDK.SSO", "AWSSDK.SSOOIDC", "AWSSDK.SecurityToken"],
            package => Assert.DoesNotContain($"\"{package}\"", packages, StringComparison.Ordinal));
    }

    private static void AssertNothingMissing(string errors)
    {
        Assert.DoesNotContain("ssembly", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("AWSSDK", errors, StringComparison.Ordinal);
    }

    private async Task<(int ExitCode, string Output, string Errors)> StatusAsync(string profile, Uri tokens)
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, Profiles);
        try
        {
            using var command = CommandLine.Start(
                servers,
                new Dictionary<string, string?>
                {
                    ["AWS_CONFIG_FILE"] = file,
                    ["AWS_SHARED_CREDENTIALS_FILE"] = file + ".none",
                    ["AWS_PROFILE"] = profile,
                    ["AWS_ACCESS_KEY_ID"] = null,
                    ["AWS_SECRET_ACCESS_KEY"] = null,
                    ["AWS_ENDPOINT_URL_STS"] = tokens.ToString(),
                    ["AWS_EC2_METADATA_DISABLED"] = "true",
                },
                ["status", "--env", "dev"]);
            return await command.EndAsync();
        }
        finally
        {
            File.Delete(file);
        }
    }
}
