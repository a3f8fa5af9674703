using System.Globalization;
using System.Text.Json;

namespace CdcDms.Infra.Environments.Reading;

/// <summary>Makes the typed model of an environment's JSON, or the list of everything that is wrong with it.</summary>
internal static class EnvironmentReader
{
    public static DeploymentEnvironment Read(string name, JsonElement json, Findings findings)
    {
        var root = new Section(json, "$", findings);
        root.OptionalText("$schema");
        var (replicationSection, lakeSection) = (root.Child("replication"), root.Child("lake"));
        var replication = ReplicationSettingsReader.Read(replicationSection);
        var tables = TablesReader.Read(root);
        var batch = BatchSettingsReader.Read(root.Child("batch"), tables);
        var environment = new DeploymentEnvironment
        {
            Name = name,
            Account = root.Text("account", Pattern.Account),
            Region = root.Text("region", Pattern.Region),
            KeepData = root.Flag("keepData", Defaults.KeepData),
            TerminationProtection = root.Flag("terminationProtection", Defaults.TerminationProtection),
            Governance = GovernanceSettingsReader.Read(root.Child("governance")),
            Network = NetworkSettingsReader.Read(root.Child("network")),
            Source = DatabaseSettingsReader.Source(root.Child("source")),
            Analytics = DatabaseSettingsReader.Analytics(root.Child("analytics")),
            Lake = LakeSettingsReader.Read(lakeSection),
            Replication = replication,
            Tables = tables,
            Batch = batch,
            Validation = ValidationSettingsReader.Read(root.Child("validation"), tables),
            Health = HealthSettingsReader.Read(root.Child("health")),
            Alarms = AlarmSettingsReader.Read(root.Child("alarms"), replication, batch),
            Budget = root.Has("budget") ? ReadBudget(root.Child("budget")) : null,
        };
        root.End();
        RequireInRegion(environment, findings);
        RequireNoLoop(environment, findings);
        if (environment.Replication.Route is StreamRoute)
            StreamRequirements.Check(environment, replicationSection, lakeSection);
        RequireMemory(environment, findings);
        return environment;
    }

    private static BudgetSettings ReadBudget(Section budget)
    {
        var settings = new BudgetSettings { MonthlyDollars = budget.Whole("monthlyDollars", 1, 10_000_000) };
        budget.End();
        return settings;
    }

    private static void RequireMemory(DeploymentEnvironment environment, Findings findings)
    {
        var replication = environment.Replication;
        if (LoadPace.Of(replication, environment.Tables) is not null || environment.Tables.Count == 0)
            return;
        var largest = environment.Tables.Where(table => table.Feed is null).MaxBy(table => LoadPace.KilobytesPerRow(replication, table))!;
        var gigabytes = LoadPace.KilobytesPerRow(replication, largest) * 1000 / (1024.0 * 1024);
        var compute = replication.IsServerless ? "$.replication.serverless.minCapacityUnits" : "$.replication.instance.class";
        findings.Require(
            false,
            "$.replication.lobKilobytes",
            string.Create(CultureInfo.InvariantCulture, $"a thousand rows of {largest.Source} may take {gigabytes:0.0} GB of ")
            + $"large values, and half of the {replication.Compute.MemoryGigabytes} GB of memory is there for them: lower it, or "
            + $"lobKilobytes of that table, list all of the table's columns with their types and set newColumns to add or fail (without, "
            + $"{LoadPace.AssumedColumns} are taken to be large), or raise {compute}",
            compute, "$.tables");
    }

    private static void RequireInRegion(DeploymentEnvironment environment, Findings findings)
    {
        var zones = environment.Network is ExistingNetwork ? "$.network.existing.availabilityZones" : "$.network.create.availabilityZones";
        findings.Require(
            environment.Network.AvailabilityZones.All(zone => zone.StartsWith(environment.Region, StringComparison.Ordinal)),
            zones,
            $"names a zone outside {environment.Region}",
            "$.region");
        RequireInRegion(environment, (environment.Source.Location as ExistingDatabase)?.SecretArn, "$.source.secretArn", findings);
        RequireInRegion(environment, (environment.Analytics.Location as ExistingDatabase)?.SecretArn, "$.analytics.secretArn", findings);
        RequireInRegion(environment, environment.Validation.Source?.SecretArn, "$.validation.source.secretArn", findings);
        RequireInRegion(
            environment, (environment.Source.Location as ExistingDatabase)?.SecretKmsKeyArn, "$.source.secretKmsKeyArn", findings);
        RequireInRegion(
            environment, (environment.Analytics.Location as ExistingDatabase)?.SecretKmsKeyArn, "$.analytics.secretKmsKeyArn", findings);
        RequireInRegion(environment, environment.Validation.Source?.SecretKmsKeyArn, "$.validation.source.secretKmsKeyArn", findings);
        RequireInRegion(environment, environment.Lake.KmsKeyArn, "$.lake.kmsKeyArn", findings);
        RequireInRegion(environment, environment.Governance.LogKmsKeyArn, "$.governance.logKmsKeyArn", findings);
        foreach (var (told, path) in new[]
        {
            (environment.Alarms.Critical, "$.alarms.critical"), (environment.Alarms.Warning, "$.alarms.warning"),
        })
            foreach (var topic in told.TopicArns)
                RequireInRegion(environment, topic, path, findings);
        var makesDatabase = environment.Source.Location is CreatedDatabase || environment.Analytics.Location is CreatedDatabase;
        findings.Require(
            environment.Network is CreatedNetwork || !makesDatabase,
            "$.network",
            "must be created when a database is: we make databases in networks of our own only");
    }

    private static void RequireInRegion(DeploymentEnvironment environment, string? arn, string path, Findings findings) =>
        findings.Require(
            arn is null || (arn.Split(':') is [_, _, _, var region, ..] && region == environment.Region),
            path,
            $"is not in {environment.Region}; secrets, keys and topics are used in their own region",
            "$.region");

    // What the pipeline writes into its own source would be captured again.
    private static void RequireNoLoop(DeploymentEnvironment environment, Findings findings) =>
        findings.Require(
            environment is not { Source.Location: ExistingDatabase source, Analytics.Location: ExistingDatabase analytics }
                || !string.Equals(source.Host, analytics.Host, StringComparison.OrdinalIgnoreCase)
                || source.Port != analytics.Port
                || environment.Source.Database != environment.Analytics.Database,
            "$.analytics",
            "is the source database itself: its changes would be captured again and again",
            "$.source.host", "$.source.port", "$.source.database");
}
