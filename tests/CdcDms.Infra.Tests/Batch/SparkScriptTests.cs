using System.ComponentModel;
using System.Diagnostics;

namespace CdcDms.Infra.Tests.Batch;

/// <summary>The Spark job's own tests, which are Python's: with Spark where pyspark is installed, and without it everywhere.</summary>
public sealed class SparkScriptTests
{
    [Fact]
    public async Task The_spark_jobs_own_tests_pass()
    {
        var start = new ProcessStartInfo("python3", ["-m", "unittest", "discover", "--start-directory", "tests/spark"])
        {
            WorkingDirectory = Repository.Root,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        start.Environment["PYTHONDONTWRITEBYTECODE"] = "1";
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (Win32Exception)
        {
            Assert.Skip("There is no python3 on this machine: the Spark job's own tests need Python 3.11 or later.");
            return;
        }

        using (process)
        {
            var output = process.StandardOutput.ReadToEndAsync();
            var report = await process.StandardError.ReadToEndAsync();
            await output;
            await process.WaitForExitAsync();
            Assert.True(process.ExitCode == 0, report);
            Assert.Matches(@"Ran [0-9]{1,3} tests? in", report);
        }
    }
}
