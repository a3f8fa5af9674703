using CdcDms.Contract.Tables;

namespace CdcDms.Infra.Environments.Reading;

/// <summary>What the route through a stream asks of the rest of an environment, and what it cannot take.</summary>
internal static class StreamRequirements
{
    private const string Route = "$.replication.route";
    private const string With = $"with the route {StreamRoute.Word}";

    public static void Check(DeploymentEnvironment environment, Section replication, Section lake)
    {
        var findings = replication.Findings;
        findings.Require(
            !replication.Sets("cdcFileKilobytes"),
            replication.At("cdcFileKilobytes"),
            $"says nothing {With}: a file holds one batch of the stream; remove it",
            Route);
        findings.Require(
            environment.Replication.CdcIntervalSeconds <= StreamRoute.MostIntervalSeconds,
            replication.At("cdcIntervalSeconds"),
            $"must be at most {StreamRoute.MostIntervalSeconds} {With}: Lambda waits no longer for a batch",
            Route);
        RequireRoom(environment.Replication.LobKilobytes, replication.At("lobKilobytes"), findings);
        findings.Require(
            !lake.Sets("compression"),
            lake.At("compression"),
            $"says nothing {With}: the function writes all its files with zstd; remove it",
            Route);
        findings.Require(
            !environment.Lake.Catalogue,
            lake.At("catalogue"),
            $"cannot be used {With}: its files hold every value as text, and the catalogue gives them the types of the source",
            Route);
        findings.Require(
            environment.Network is not ExistingNetwork { ReachesKinesis: false },
            "$.network.existing.kinesisEndpoint",
            "must be true, or nat must be, without s3PrefixListId: DMS does not reach Kinesis otherwise",
            "$.network.existing.nat", "$.network.existing.s3PrefixListId", Route);
        for (var index = 0; index < environment.Tables.Count; index++)
            if (environment.Tables[index] is { Feed: null } table)
            {
                RequireRoom(table.LobKilobytes ?? 0, $"$.tables[{index}].lobKilobytes", findings);

                // Bytes are letters in a message, and only a column's type tells the two apart.
                findings.Require(
                    table.MakesTarget,
                    $"$.tables[{index}].columns",
                    $"must list the columns of {table.Source} with their types, beside its key, {With}; describe writes such a definition",
                    Route);

                // Changes of one transaction come in any order, and their timestamps are the same.
                findings.Require(
                    table.Ordering is ChangeOrdering.ChangeSequence,
                    $"$.tables[{index}].ordering",
                    $"cannot be timestamp {With}: nothing would tell which of two changes of one transaction is the later one; remove it",
                    Route);
            }
    }

    private static void RequireRoom(int lobKilobytes, string path, Findings findings) => findings.Require(
        lobKilobytes <= StreamRoute.MostLobKilobytes,
        path,
        $"must be at most {StreamRoute.MostLobKilobytes} {With}: a record of a stream has 1 MiB",
        Route);
}
