using System.Globalization;
using CdcDms.Testing;

namespace CdcDms.Local.Tests.Types;

/// <summary>
/// Values of every type travel from the source through capture, Parquet and merge; PostgreSQL says at both ends what they are.
/// </summary>
public sealed class RoundTripTests(TestServers servers)
{
    /// <summary>A number that repeats a run.</summary>
    private const string SeedVariable = "CDCDMS_TEST_SEED";

    /// <summary>Types of columns whose values mean nothing outside their server, or that no INSERT can fill.</summary>
    private const string OfTheServerAlone =
        "aclitem, cid, gtsvector, pg_brin_bloom_summary, pg_brin_minmax_multi_summary, pg_dependencies, pg_mcv_list, pg_ndistinct, "
        + "pg_node_tree, regclass, regcollation, regconfig, regdictionary, regnamespace, regoper, regoperator, regproc, regprocedure, "
        + "regrole, regtype";

    [Fact]
    public async Task Every_value_arrives_equal_by_every_way_or_as_declared()
    {
        var seed = int.TryParse(
            Environment.GetEnvironmentVariable(SeedVariable), CultureInfo.InvariantCulture, out var given) ? given : Random.Shared.Next();
        TestContext.Current.TestOutputHelper!.WriteLine($"{SeedVariable}={seed}");
        await using var trip = await RoundTrip.StartAsync(servers, seed);
        var described = await trip.DescribedAsync();
        var same = RoundTrip.OfSameTypes(described);

        await trip.TravelAsync(described, same);

        IReadOnlyList<string> differences = [.. await trip.DifferencesAsync(described), .. await trip.DifferencesAsync(same)];
        Assert.True(
            differences.Count == 0,
            $"{differences.Count} differences; {SeedVariable}={seed} repeats them.\n{string.Join('\n', differences.Take(40))}");
        // What was lost is found, and nothing else.
        foreach (var definition in new[] { described, same })
            Assert.Equal(Losses.All.Keys.Order(), (await trip.InvalidAsync(definition)).Order());
        Assert.Equal(OfTheServerAlone, await trip.UntriedAsync());
    }
}
