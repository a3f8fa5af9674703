using System.Diagnostics;

namespace CdcDms.Functions.Tests;

public class ProgramTests
{
    [Theory]
    [InlineData(null)]
    [InlineData("merges")]
    public async Task An_unknown_function_is_an_init_error_and_ends_the_process(string? function)
    {
        await using var process = new BundleProcess(function);

        var report = await process.Lambda.NextReportAsync();

        Assert.Equal(("init/error", "BadDefinition"), (report.Path, report.ErrorType));
        Assert.Contains("CDCDMS_FUNCTION", report.Body, StringComparison.Ordinal);
        Assert.Equal(1, await process.ExitCodeAsync());
    }

    [Fact]
    public async Task Outside_of_Lambda_the_program_says_what_it_is_and_what_it_needs()
    {
        var program = Path.Combine(AppContext.BaseDirectory, "CdcDms.Functions.dll");
        using var process = Process.Start(new ProcessStartInfo("dotnet", ["exec", program])
        {
            RedirectStandardError = true,
            Environment = { ["AWS_LAMBDA_RUNTIME_API"] = null },
        })!;

        var error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        Assert.Contains("set AWS_LAMBDA_RUNTIME_API", error, StringComparison.Ordinal);
        Assert.Contains("CDCDMS_FUNCTION to one of plan, merge, prove", error, StringComparison.Ordinal);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(2, process.ExitCode);
    }

    [Theory]
    [InlineData("merge", "CDCDMS_TARGET", """{"lake":"s3://lake","table":{"schema":"public","name":"orders","target":"a.b"}}""")]
    [InlineData("prove", "CDCDMS_SOURCE", """{"scope":"all","repairs":false,"table":{"schema":"public","name":"orders","target":"a.b"}}""")]
    public async Task A_database_that_is_not_set_is_unavailable_and_named(string function, string variable, string input)
    {
        await using var process = new BundleProcess(function, (variable, ""), ("AWS_REGION", "eu-central-1"));

        var report = await process.InvokeAsync(input);

        Assert.Equal("Unavailable", report.ErrorType);
        Assert.Contains(variable, report.Body, StringComparison.Ordinal);
    }
}
