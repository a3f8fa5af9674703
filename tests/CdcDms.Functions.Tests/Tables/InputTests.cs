using System.Text.Json;

namespace CdcDms.Functions.Tests.Tables;

/// <summary>One process answers all the bad inputs, which also shows that a bad input does not end it.</summary>
public sealed class InputTests(MergeProcess merge) : IClassFixture<MergeProcess>
{
    [Theory]
    [InlineData("{\"table\":", "The input of merge is wrong: it is not JSON")]
    [InlineData("", "The input of merge is wrong: it is not JSON")]
    [InlineData("null", "The input of merge is wrong: $ must be an object.")]
    [InlineData("[1]", "The input of merge is wrong: $ must be an object.")]
    [InlineData("{}", "The input of merge is wrong: $.table is missing; $.lake is missing.")]
    [InlineData(
        """{"lake":"s3://lake","tabel":{},"table":{"schema":"public","name":"orders"}}""",
        "The input of merge is wrong: $.tabel is unknown; $.table.target is missing.")]
    [InlineData(
        """{"lake":"s3://lake","table":{"schema":"public","name":"orders","target":"a.b","columns":["""
            + """{"from":"id","to":"id"},{"form":"x","to":"x"}]}}""",
        "The input of merge is wrong: $.table.columns[1].form is unknown; $.table.columns[1].from is missing.")]
    [InlineData(
        """{"lake":"s3://lake","table":{"schema":"public","name":"orders","target":"a.b","source":{}}}""",
        "The input of merge is wrong: $.table.source is unknown.")]
    [InlineData(
        """{"lake":"s3://lake","batchBytes":"many","table":{"schema":"public","name":"orders","target":"a.b"}}""",
        "The input of merge is wrong: $.batchBytes has a value that it cannot have.")]
    [InlineData(
        """{"lake":"s3://lake","table":{"schema":"public","name":"orders","target":"a.b","deletes":"never"}}""",
        "The input of merge is wrong: $.table.deletes has a value that it cannot have.")]
    [InlineData(
        """{"lake":null,"table":{"schema":"public","name":"orders","target":"a.b"}}""",
        "The input of merge is wrong: $.lake is null.")]
    [InlineData(
        """{"lake":"s3://lake","table":{"schema":"public","name":"orders","target":"orders"}}""",
        "public.orders has the target 'orders', which is not a table name")]
    [InlineData(
        """{"lake":"s3://lake","table":{"schema":"public","name":"orders","target":"a.b","key":[]}}""",
        "public.orders has an empty key")]
    public async Task A_bad_input_is_a_bad_definition_that_says_what_is_wrong_and_where(string input, string sentence)
    {
        var report = await merge.Process.InvokeAsync(input);

        Assert.Equal(("invocation/request/error", "BadDefinition"), (report.Path, report.ErrorType));
        var error = JsonDocument.Parse(report.Body).RootElement;
        Assert.Equal("BadDefinition", error.GetProperty("errorType").GetString());
        Assert.Contains(sentence, error.GetProperty("errorMessage").GetString(), StringComparison.Ordinal);
        Assert.Equal(0, error.GetProperty("stackTrace").GetArrayLength());
    }
}

public sealed class MergeProcess : IAsyncDisposable
{
    public BundleProcess Process { get; } = new("merge");

    public ValueTask DisposeAsync() => Process.DisposeAsync();
}
