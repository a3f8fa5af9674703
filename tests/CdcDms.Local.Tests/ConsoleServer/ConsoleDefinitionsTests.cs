using CdcDms.Testing;

namespace CdcDms.Local.Tests.ConsoleServer;

/// <summary>The file of the definitions, which changes while a console runs.</summary>
public sealed class ConsoleDefinitionsTests(TestServers servers) : ConsoleFixture(servers)
{
    private const string Accounts = "/api/tables/analytics.accounts";

    [Fact]
    public async Task What_the_file_of_the_definitions_says_now_is_told_and_why_it_cannot_be_used()
    {
        var file = Path.GetTempFileName();
        File.Delete(file);
        using var console = await ConsoleProcess.StartAsync(
            new Dictionary<string, string>(),
            "--target", Analytics.ConnectionString, "--source", "Host=127.0.0.1;Port=1;Username=a;Database=b", "--lake", "s3://lake/x",
            "--tables", file);
        using var browser = await BrowserAsync(console.Address);

        var missing = (await AskAsync(browser, Accounts)).Answer;
        await File.WriteAllTextAsync(file, "[", TestContext.Current.CancellationToken);
        var broken = (await AskAsync(browser, Accounts)).Answer;
        await File.WriteAllTextAsync(
            file,
            """
            [{"schema": "public", "name": "accounts", "target": "analytics.accounts", "key": ["id"],
            "columns": [{"from": "id", "to": "id", "type": "integer"}]}]
            """,
            TestContext.Current.CancellationToken);
        var right = (await AskAsync(browser, Accounts)).Answer;

        File.Delete(file);

        Assert.StartsWith(
            $"The definition file {file} cannot be read", missing["definitionFault"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.StartsWith(
            $"{file} is not a list of table definitions: ", broken["definitionFault"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal("accounts", right["definition"]!["name"]!.GetValue<string>());
        Assert.Null(right["definitionFault"]);
    }
}
