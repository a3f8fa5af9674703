using CdcDms.Testing;

namespace CdcDms.Local.Tests.Remote;

/// <summary>What an operator is told when an environment cannot be operated: one sentence that says what to do.</summary>
public sealed class EnvironmentRefusalTests(TestServers servers) : OperatedFixture(servers)
{
    [Theory]
    [InlineData("There is no infra/Environments/nowhere.json in ", "status", "--env", "nowhere")]
    [InlineData("There is no infra/Environments/../../x.json in ", "status", "--env", "../../x")]
    [InlineData("by itself: leave out --target, or --env.", "status", "--env", "dev", "--target", "Host=x")]
    [InlineData("Say where the databases are: by --env NAME, or by --target.", "status")]
    [InlineData("Say where the databases are: by --env NAME, or by --target and --tables.", "quarantine", "retry")]
    [InlineData(
        "leave out --source and --lake, or --env.", "repair", "--env", "dev", "--table", "a.b", "--all", "--source", "x", "--lake", "y")]
    [InlineData("--env NAME knows its lake: write --lake without a URI.", "status", "--env", "dev", "--lake", "s3://a/b")]
    [InlineData("Say where the databases are: by --env NAME, or by --source and --tables.", "preflight")]
    [InlineData(
        "reload works on an environment on AWS, which --env NAME says; on this machine, repair --all makes the rows of a table as they are "
        + "at the source, and capture --generation N loads every table again.", "reload", "--table", "public.orders")]
    [InlineData(
        "restart works on an environment on AWS, which --env NAME says; on this machine, end capture and start it again, and it goes on "
        + "where it ended.", "restart")]
    public async Task A_command_line_that_names_no_way_or_two_is_refused(string says, params string[] arguments)
    {
        var (exitCode, output, errors) = await OperateAsync(new Uri("http://127.0.0.1:1"), arguments);

        Assert.Equal((2, ""), (exitCode, output));
        Assert.Contains(says, errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(
        403,
        "AccessDeniedException",
        "User: arn:aws:sts::444455556666:assumed-role/x/y is not authorized to perform: lambda:InvokeFunction on resource: z",
        "The AWS credentials are of the account 444455556666, and the environment dev is in 111122223333: choose others")]
    [InlineData(
        403,
        "AccessDeniedException",
        "User: arn:aws:iam::111122223333:user/x is not authorized to perform: lambda:InvokeFunction on resource: z",
        "ask for a role that may do lambda:InvokeFunction with it.")]
    [InlineData(403, "ExpiredTokenException", "The security token is expired", "The AWS credentials have expired: sign in again")]
    [InlineData(403, "UnrecognizedClientException", "The security token is invalid.", "AWS does not accept the credentials")]
    [InlineData(
        404,
        "ResourceNotFoundException:http://internal.amazon.com/x/",
        "Function not found",
        "There is no function cdcdms-dev-operate in the account 111122223333, eu-central-1: deploy the environment")]
    [InlineData(429, "TooManyRequestsException", "Rate exceeded", "repeat the command.")]
    public async Task A_refusal_of_AWS_is_a_sentence_that_says_what_to_do(int status, string code, string message, string says)
    {
        var paths = new List<string>();
        await using var lambda = await AwsStandIn.StartAsync((path, _) =>
        {
            paths.Add(path);
            return (status, code, $$"""{"Message":"{{message}}"}""");
        });

        var (exitCode, output, errors) = await OperateAsync(lambda.Url, "status", "--env", "dev");

        Assert.Equal((1, ""), (exitCode, output));
        Assert.Contains(says, errors, StringComparison.Ordinal);
        Assert.Single(errors.Trim().Split('\n'));
        // Of a name alone, a function of the account would be taken that the credentials are of.
        Assert.Equal(
            ["/2015-03-31/functions/arn:aws:lambda:eu-central-1:111122223333:function:cdcdms-dev-operate/invocations"],
            paths.Select(Uri.UnescapeDataString));
    }

    [Fact]
    public async Task A_function_that_cannot_is_told_in_its_own_words_and_with_its_own_exit_code()
    {
        await PrepareAsync();
        await using var host = await HostAsync(("CDCDMS_TARGET", "Host=127.0.0.1;Port=1;Username=nobody;Database=none;Timeout=5"));

        var away = await OperateAsync(host.Endpoint, "status", "--env", "dev");
        var unknown = await OperateAsync(host.Endpoint, "repair", "--env", "dev", "--table", "public.ghosts", "--all");
        var reload = await OperateAsync(host.Endpoint, "reload", "--env", "dev", "--table", "public.ghosts");
        var json = await OperateAsync(host.Endpoint, "status", "--env", "dev", "--json");

        Assert.Equal(1, away.ExitCode);
        Assert.StartsWith("Cannot open the analytics database", away.Errors, StringComparison.Ordinal);
        Assert.Equal((2, ""), (unknown.ExitCode, unknown.Output));
        Assert.StartsWith("dev as deployed does not define the source table public.ghosts", unknown.Errors, StringComparison.Ordinal);
        Assert.Equal((2, unknown.Errors), (reload.ExitCode, reload.Errors));
        Assert.StartsWith("""{"failure":"Cannot open the analytics database""", json.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"report":"here","json":{"novel":1}}""")]
    [InlineData("""{"report":"elsewhere"}""")]
    [InlineData("null")]
    public async Task An_answer_of_another_version_is_told_as_that(string answer)
    {
        await using var lambda = await AwsStandIn.StartAsync((_, _) => (200, "", answer));

        var (exitCode, output, errors) = await OperateAsync(lambda.Url, "status", "--env", "dev");

        Assert.Equal((2, ""), (exitCode, output));
        Assert.StartsWith(
            "The function cdcdms-dev-operate answered what this checkout does not understand, so the deployment is of another version; "
            + "use the checkout that was deployed, or deploy this one: ",
            errors,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_function_that_died_is_told_with_where_to_look()
    {
        await using var host = await HostAsync(("CDCDMS_FUNCTION", "no-function"));

        var (exitCode, _, errors) = await OperateAsync(host.Endpoint, "status", "--env", "dev");

        Assert.Equal(2, exitCode);
        Assert.Contains("which is no function", errors, StringComparison.Ordinal);
    }
}
