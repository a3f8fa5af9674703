using System.Text.Json;

namespace CdcDms.Functions.Tests.Tables;

/// <summary>Requests that the operate function refuses before it opens a connection.</summary>
public sealed class OperateInputTests(OperateProcess operate) : IClassFixture<OperateProcess>
{
    [Theory]
    [InlineData("{}", "$.verb must be one of tables, status, mark, activity, batches, detail, places, resume, quarantine")]
    [InlineData("""{"verb":"merge"}""", "$.verb must be one of tables, status, ")]
    [InlineData("""{"verb":7}""", "$.verb must be one of tables, status, ")]
    [InlineData("""{"verb":"status","table":{}}""", "$.table is unknown.")]
    [InlineData("""{"verb":"drop"}""", "$.ids is missing.")]
    [InlineData("""{"ids":null,"verb":"drop"}""", "$.ids is null.")]
    [InlineData("""{"verb":"retry","ids":null}""", "$.table is missing.")]
    [InlineData("""{"verb":"retry","ids":null,"table":"orders"}""", "'orders' is not a table name: write it as schema.name.")]
    [InlineData(
        """{"verb":"preflight","list":{"tables":[{"schema":"public","name":"orders","target":"orders"}],"faults":[]}}""",
        "public.orders has the target 'orders', which is not a table name")]
    public async Task A_bad_request_says_what_is_wrong_and_where(string input, string sentence)
    {
        var report = await operate.Process.InvokeAsync(input);

        Assert.Equal(("invocation/request/error", "BadDefinition"), (report.Path, report.ErrorType));
        Assert.Contains(
            sentence, JsonDocument.Parse(report.Body).RootElement.GetProperty("errorMessage").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_function_without_the_deployed_definitions_says_which_variable_it_lacks()
    {
        var report = await operate.Process.InvokeAsync("""{"verb":"tables"}""");

        Assert.Equal("Unavailable", report.ErrorType);
        Assert.Contains("does not have CDCDMS_TABLES: deploy", report.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_function_without_a_database_says_which_variable_it_lacks()
    {
        var report = await operate.Process.InvokeAsync("""{"verb":"status"}""");

        Assert.Equal("Unavailable", report.ErrorType);
        Assert.Contains("set CDCDMS_TARGET", report.Body, StringComparison.Ordinal);
    }
}

public sealed class OperateProcess : IAsyncDisposable
{
    public BundleProcess Process { get; } = new("operate");

    public ValueTask DisposeAsync() => Process.DisposeAsync();
}
