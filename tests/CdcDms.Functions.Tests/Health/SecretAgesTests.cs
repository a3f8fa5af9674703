using System.Text;
using System.Text.Json.Nodes;

namespace CdcDms.Functions.Tests.Health;

/// <summary>What the built health function tells of the secrets, in the words of Secrets Manager.</summary>
public sealed class SecretAgesTests : IDisposable
{
    private const string Arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:";
    private const string Away = "Host=127.0.0.1;Port=1;Username=nobody;Database=none;Timeout=1";
    private readonly Dictionary<string, string> _described = [];
    private readonly HttpStandIn _secretsManager;

    public SecretAgesTests() => _secretsManager = new HttpStandIn(Answer);

    public void Dispose() => _secretsManager.Dispose();

    [Fact]
    public async Task A_secret_is_as_old_as_its_last_change_however_it_came_and_an_overdue_rotation_is_a_finding()
    {
        _described["source"] =
            """{"CreatedDate":1700000000,"LastChangedDate":1750000000,"LastRotatedDate":1720000000,"RotationEnabled":true,"""
            + "\"NextRotationDate\":1752592000}";
        _described["analytics"] = """{"CreatedDate":1700000000,"LastChangedDate":1740000000,"NextRotationDate":1752592000}""";
        _described["reader"] = """{"CreatedDate":1700000000}""";

        var report = await LookAsync();

        Assert.Equal(
            [
                ("source", "2025-06-15T15:06:40Z", "2025-07-15T15:06:40Z"), ("validation source", "2023-11-14T22:13:20Z", null),
                ("analytics", "2025-02-19T21:20:00Z", null),
            ],
            report["secrets"]!.AsArray().Select(secret =>
                ((string?)secret!["database"], (string?)secret["changedUtc"], (string?)secret["rotationDueUtc"])));
        Assert.Equal(
            "The secret of the source database was to be rotated by 2025-07-15, and was last changed on 2025-06-15.",
            Assert.Single(Overdue(report)));
    }

    [Fact]
    public async Task A_secret_that_nobody_may_describe_is_a_warning_and_nothing_that_was_not_looked_at()
    {
        var report = await LookAsync();

        Assert.Empty(report["secrets"]!.AsArray());
        Assert.Equal(["source", "reader", "analytics"], Overdue(report).Select(NotKnown));
    }

    [Fact]
    public async Task A_secret_that_nobody_may_describe_hides_no_other()
    {
        _described["reader"] = """{"CreatedDate":1700000000,"RotationEnabled":true,"NextRotationDate":1752592000}""";

        var report = await LookAsync();

        Assert.Equal("validation source", (string?)Assert.Single(report["secrets"]!.AsArray())!["database"]);
        Assert.Equal(3, Overdue(report).Count());
        Assert.Contains(Overdue(report), reason => reason!.StartsWith(
            "The secret of the validation source database was to be rotated by 2025-07-15", StringComparison.Ordinal));
    }

    private static string NotKnown(string? reason) => Assert.Single(
        new[] { "source", "reader", "analytics" },
        secret => reason == $"The age of a secret is not known: The secret {Arn}{secret} was not described: AccessDeniedException: not "
            + "yours; let the function's role do secretsmanager:DescribeSecret with it, and look at the endpoint of Secrets Manager and "
            + "its policy.");

    private static IEnumerable<string?> Overdue(JsonNode report) => report["findings"]!.AsArray()
        .Where(finding => (string?)finding!["runbook"] == "rotation-overdue" && (string?)finding["severity"] == "warning")
        .Select(finding => (string?)finding!["reason"]);

    private async Task<JsonNode> LookAsync()
    {
        await using var process = new BundleProcess(
            "health",
            ("CDCDMS_SOURCE", Away),
            ("CDCDMS_TARGET", Away),
            ("CDCDMS_SOURCE_SECRET", $"{Arn}source"),
            ("CDCDMS_READ_SOURCE_SECRET", $"{Arn}reader"),
            ("CDCDMS_TARGET_SECRET", $"{Arn}analytics"),
            ("CDCDMS_S3_ENDPOINT", "http://127.0.0.1:1"),
            ("AWS_ENDPOINT_URL_SECRETS_MANAGER", _secretsManager.Url.AbsoluteUri),
            ("AWS_REGION", "eu-central-1"),
            ("AWS_ACCESS_KEY_ID", "none"),
            ("AWS_SECRET_ACCESS_KEY", "none"));
        var answer = await process.InvokeAsync(
            """{"lake":"s3://nowhere/x","tables":[],"limits":{},"tell":false,"replication":{"health":null}}""");
        return JsonNode.Parse(answer.Body)!["report"]!;
    }

    private (int Status, string Body) Answer(WireRequest request)
    {
        Assert.Equal("secretsmanager.DescribeSecret", request.Headers["x-amz-target"]);
        var secret = (string)JsonNode.Parse(Encoding.UTF8.GetString(request.Body))!["SecretId"]!;
        return _described.TryGetValue(secret.Split(':')[^1], out var described)
            ? (200, described)
            : (400, """{"__type":"AccessDeniedException","Message":"not yours"}""");
    }
}
