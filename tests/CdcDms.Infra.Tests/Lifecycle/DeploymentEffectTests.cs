using CdcDms.Contract;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Lifecycle;
using CdcDms.Infra.Tests.Environments;
using CdcDms.Infra.Tests.Synthesis;

namespace CdcDms.Infra.Tests.Lifecycle;

public sealed class DeploymentEffectTests
{
    private static readonly string Deployed = Template(SynthesizedEnvironment.Of("prod"));

    [Fact]
    public void What_deploying_would_do_is_told_in_the_words_of_the_function_that_decides()
    {
        Assert.Null(DeploymentEffect.Of(Deployed, Deployed));
        Assert.Equal(
            "The replication cdcdms-prod-g1 is stopped while this is deployed, and resumed where it stopped.",
            Effect("replication.cdcIntervalSeconds", 120));
        Assert.StartsWith(
            "Would be refused: This deployment would replace the replication cdcdms-prod-g1 and load every table again, because of",
            Effect("replication.generation", 2), StringComparison.Ordinal);
        Assert.Equal(
            "Would be refused: This deployment would make the replication write into another lake, because of lake prefix (cdc to other): "
            + "files that wait in the old one would never be merged, nor expire, and the ledger refuses the new one. Take the change back; "
            + "for another lake, make an environment of another name. Nothing was stopped.",
            Effect("lake.prefix", "other"));
        Assert.Contains(
            "from full-load-and-cdc to cdc, which AWS refuses",
            Effect(
                new EnvironmentJson("prod").With("replication.migrationType", "cdc")
                    .With("replication.slot", """{"name":"dms","startLsn":"4AF/B00000D0"}""")),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_moved_analytics_database_is_refused_until_it_is_said_to_be_the_same()
    {
        var analytics = SynthesizedEnvironment.Of("prod").Environment.Analytics;
        var place = $"{((ExistingDatabase)analytics.Location).Host}:5432/{analytics.Database}";
        var moved = new EnvironmentJson("prod").With("analytics.host", "moved.example.com");

        Assert.Contains(
            $"would merge into the analytics database moved.example.com:5432/{analytics.Database} instead of {place}.",
            Effect(moved), StringComparison.Ordinal);
        Assert.Null(Effect(moved.With("analytics.movedFrom", place)));
    }

    [Fact]
    public void Of_a_generation_that_is_allowed_it_is_told_that_every_table_is_loaded_again()
    {
        var next = new EnvironmentJson("prod").With("replication.generation", 2).With("replication.allowReplacementForGeneration", 2);

        Assert.Equal(
            "The replication cdcdms-prod-g1 is stopped for good, and cdcdms-prod-g2 loads every table again.", Effect(next));
    }

    [Fact]
    public void Where_one_side_has_no_replication_nothing_is_told()
    {
        Assert.Null(DeploymentEffect.Of("{}", Deployed));
        Assert.Throws<CdcDmsException>(() => DeploymentEffect.Of("{", Deployed));
    }

    private static string? Effect(string path, object value) => Effect(new EnvironmentJson("prod").With(path, value));

    private static string? Effect(EnvironmentJson changed) => DeploymentEffect.Of(Deployed, Template(SynthesizedEnvironment.Of(changed)));

    private static string Template(SynthesizedEnvironment synthesized) => synthesized.Templates
        .Single(stack => stack.Key.EndsWith("-replication", StringComparison.Ordinal)).Value.ToJsonString();
}
