using System.Diagnostics;
using System.Globalization;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Postgres;
using CdcDms.Pipeline.Validation;
using CdcDms.Testing;

namespace CdcDms.Local.Tests.Commands;

/// <summary>
/// A comparison costs little more than reading both tables, and memory does not grow with them. <c>CDCDMS_THOUSAND_TIMED</c> says how many
/// thousand rows each table has; the documented figures are of 5 million.
/// </summary>
public sealed class ComparisonCostTests(TestServers servers) : PipelineFixture(servers)
{
    private const int Rounds = 3;
    private const long MostKilobytes = 700 * 1024;
    private const double MostRatio = 1.5;

    // With fewer rows than this, what a comparison does besides reading them counts for more.
    private const int RowsThatTell = 1_000_000;

    private static readonly int Rows = 1000 * (int.TryParse(
        Environment.GetEnvironmentVariable("CDCDMS_THOUSAND_TIMED"), CultureInfo.InvariantCulture, out var thousands) ? thousands : 20);

    private static readonly TableDefinition Things = new() { Schema = "public", Name = "things", Target = "public.things" };

    [Fact]
    public async Task A_comparison_takes_about_as_long_as_hashing_both_tables_as_text()
    {
        foreach (var database in (TestDatabase[])[Source, Analytics])
        {
            await database.ExecuteAsync(
                $"""
                CREATE TABLE things (
                    id bigint PRIMARY KEY, name text, price numeric(12,2), ratio double precision, at timestamptz, n integer);
                INSERT INTO things SELECT i, md5(i::text), i % 1000 / 7.0, i / 3.0, timestamptz '2026-01-01' + i * interval '1 s', i % 100
                FROM generate_series(1, {Rows}) i
                """);
            // Else the first that reads the rows writes them as well.
            await database.ExecuteAsync("VACUUM ANALYZE things");
        }

        var ratios = new List<double>();
        for (var round = 0; round < Rounds; round++)
        {
            var hashing = await SecondsAsync(() => Task.WhenAll(HashAsync(Source), HashAsync(Analytics)));
            var comparing = await SecondsAsync(CompareAsync);
            ratios.Add(comparing / hashing);
            Tell($"round {round + 1}: compared in {comparing:0.00} s, hashed in {hashing:0.00} s, ratio {comparing / hashing:0.00}");
        }

        var kilobytes = await MeasureAsync();
        Tell($"{Rows} rows: median ratio {ratios.Order().ElementAt(Rounds / 2):0.00}, {kilobytes / 1024} MB");
        Assert.True(kilobytes < MostKilobytes, $"The comparison took {kilobytes} KB.");
        Assert.True(Rows < RowsThatTell || ratios.Order().ElementAt(Rounds / 2) <= MostRatio, string.Join(' ', ratios));
    }

    private static async Task<double> SecondsAsync(Func<Task> work)
    {
        var began = Stopwatch.GetTimestamp();
        await work();
        return Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    private static async Task HashAsync(TestDatabase database)
    {
        await using var connection = await database.OpenAsync();
        var rows = await connection.SingleAsync(
            "SELECT count(*), sum(hashtextextended(t::text, 0)) FROM things t", row => row.GetInt64(0), CancellationToken.None);
        Assert.Equal(Rows, rows);
    }

    private async Task CompareAsync()
    {
        var found = await new Validator(Source.ConnectionString, Analytics.ConnectionString).CompareAsync(
            Things, withValues: false, TestContext.Current.CancellationToken);
        Assert.Equal((true, Rows), (found.Result.Identical, found.Result.SourceRows));
    }

    /// <summary>Compares in a process of its own.</summary>
    /// <returns>The most memory that the process had, in kilobytes.</returns>
    private async Task<long> MeasureAsync()
    {
        await File.WriteAllTextAsync(Definitions, """[{"schema":"public","name":"things","target":"public.things"}]""");
        using var validate = CommandLine.Start(
            Servers, "validate", "--source", Source.ConnectionString, "--target", Analytics.ConnectionString, "--tables", Definitions);
        var (exitCode, errors, kilobytes) = await validate.MeasureAsync();
        Assert.True(exitCode == 0, errors);
        return kilobytes;
    }

    private static void Tell(FormattableString line) =>
        TestContext.Current.TestOutputHelper?.WriteLine(FormattableString.Invariant(line));
}
