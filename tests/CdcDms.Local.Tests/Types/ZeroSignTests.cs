using CdcDms.Local.Tests.Capture;
using CdcDms.Pipeline.Lake;
using CdcDms.Pipeline.Merging;
using CdcDms.Pipeline.Validation;
using CdcDms.Testing;

namespace CdcDms.Local.Tests.Types;

/// <summary>Zero has a sign that no comparison of numbers sees: what orders values, or keeps equal ones once, may lose the sign.</summary>
public sealed class ZeroSignTests(TestServers servers)
{
    [Fact]
    public async Task Zeros_of_either_sign_travel_as_they_are_also_in_a_key_and_when_only_the_sign_changes()
    {
        const string tables = """
            CREATE TABLE zeros (k double precision PRIMARY KEY, d double precision);
            CREATE TABLE many (k real, n integer, r real, d double precision, a float8[], PRIMARY KEY (k, n))
            """;
        await using var test = await CaptureTest.StartAsync(
            servers,
            $"""
            {tables};
            INSERT INTO zeros VALUES (0, 1), (1, '-0');
            INSERT INTO many SELECT z, n, z, -z, ARRAY[z, 0] FROM generate_series(1, 100) n, (VALUES (0::real), ('-0')) v (z)
                WHERE (n % 3 = 0) = (z::text = '0')
            """);
        test.Options = test.Options with { Tables = [Define("zeros"), Define("many")] };
        await using var analytics = await servers.CreateDatabaseAsync();
        await analytics.ExecuteAsync(tables);

        await test.RunAsync();
        await ArriveAsync(test, analytics);
        await test.RunAsync("UPDATE zeros SET k = -k WHERE k = 0; UPDATE zeros SET d = -d; UPDATE many SET k = -k, d = -d WHERE n <= 50");
        await ArriveAsync(test, analytics);

        Assert.Equal("-0=-1 1=0", await analytics.ScalarAsync<string>("SELECT string_agg(k || '=' || d, ' ' ORDER BY k) FROM zeros"));
    }

    private static CdcDms.Contract.Tables.TableDefinition Define(string table) =>
        CaptureTest.Define($"public.{table}") with { Target = $"public.{table}" };

    private static async Task ArriveAsync(CaptureTest test, TestDatabase analytics)
    {
        var job = new MergeJob(new LakeReader(test.Options.S3, test.Options.Lake), analytics.ConnectionString);
        var validator = new Validator(test.Source.ConnectionString, analytics.ConnectionString);
        foreach (var table in test.Options.Tables)
        {
            while ((await job.RunAsync(table, BatchLimits.Default, TestContext.Current.CancellationToken)).More)
            {
                // The next batch.
            }

            var found = await validator.CompareAsync(table, withValues: true, TestContext.Current.CancellationToken);
            Assert.True(
                found.Result.Identical,
                $"{table.Source}: {string.Join(", ", found.Result.DifferentColumns)}, {string.Join(", ", found.Differences.Take(1))}");
        }
    }
}
