using System.Diagnostics;
using System.Text.Json;

namespace CdcDms.Functions.Tests;

public class PublishTests
{
    /// <summary>Asks MSBuild what it would publish, which takes a second; publishing itself takes a minute.</summary>
    [Theory]
    [InlineData("linux-x64")]
    [InlineData("linux-arm64")]
    public async Task A_bundle_has_the_DuckDB_of_its_own_processor_and_no_other(string runtime)
    {
        var project = Path.GetFullPath(Path.Combine(FunctionsBundle.Folder, "..", "..", ".."));
        string[] arguments =
        [
            "msbuild", project, "-p:Configuration=Release", $"-p:RuntimeIdentifier={runtime}",
            "-target:ComputeResolvedFilesToPublishList", "-getItem:ResolvedFileToPublish",
        ];
        using var msbuild = Process.Start(new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true })!;
        var output = await msbuild.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await msbuild.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(msbuild.ExitCode == 0, output);

        var files = JsonDocument.Parse(output).RootElement.GetProperty("Items").GetProperty("ResolvedFileToPublish").EnumerateArray();
        var natives = files
            .Select(file => (From: file.GetProperty("FullPath").GetString()!, To: file.GetProperty("RelativePath").GetString()!))
            .Where(file => Path.GetExtension(file.To) is ".so" or ".dylib" || Path.GetFileName(file.To) == "duckdb.dll")
            .ToList();

        var native = Assert.Single(natives);
        Assert.Equal("libduckdb.so", native.To);
        Assert.Contains($"/runtimes/{runtime}/native/", native.From, StringComparison.Ordinal);
    }
}
