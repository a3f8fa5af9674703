using CdcDms.Contract.Lake;

namespace CdcDms.Infra.Environments.Reading;

internal static class ReplicationSettingsReader
{
    private const string FullLoadAndCdc = "full-load-and-cdc";
    private const string Cdc = "cdc";
    private static readonly Pattern Check = new("[a-z]+(-[a-z]+)*", "the name of a check of preflight, such as replica-identity");
    private static readonly Pattern Route = new($"{DirectRoute.Word}|{StreamRoute.Word}", $"one of {DirectRoute.Word}, {StreamRoute.Word}");
    private static readonly Pattern MigrationType = new($"{FullLoadAndCdc}|{Cdc}", $"one of {FullLoadAndCdc}, {Cdc}");

    public static ReplicationSettings Read(Section replication)
    {
        var generation = replication.Whole("generation", Defaults.Generation, 1, LakeLayout.MostGenerations);
        var allowed = replication.OptionalWhole("allowReplacementForGeneration", 1, LakeLayout.MostGenerations);
        replication.Findings.Require(
            allowed is null || allowed == generation,
            replication.At("allowReplacementForGeneration"),
            $"names generation {allowed}, but generation is {generation}; remove it or name that one",
            replication.At("generation"));
        var settings = new ReplicationSettings
        {
            Compute = Compute(replication),
            Start = Start(replication),
            Route = RouteOf(replication),
            LobKilobytes = replication.Whole("lobKilobytes", Defaults.LobKilobytes, 1, 102_400),
            CdcIntervalSeconds = replication.Whole("cdcIntervalSeconds", Defaults.CdcIntervalSeconds, 1, 3_600),
            CdcFileKilobytes = replication.Whole("cdcFileKilobytes", Defaults.CdcFileKilobytes, 1_000, 1_048_576),
            MarkerMinutes = replication.Whole("markerMinutes", Defaults.MarkerMinutes, 1, 60),
            AcceptedLosses = replication.Texts("acceptedLosses", Check, fewest: 0),
            Generation = generation,
            ReplacementAllowed = allowed == generation,
        };
        replication.End();
        return settings;
    }

    private static ReplicationRoute RouteOf(Section replication)
    {
        if (replication.Text("route", DirectRoute.Word, Route) != StreamRoute.Word)
        {
            replication.Findings.Require(
                !replication.Has("stream"),
                replication.At("stream"),
                $"is of the route {StreamRoute.Word}; set route to that, or remove it",
                replication.At("route"));
            return new DirectRoute();
        }

        var stream = replication.Child("stream");
        var settings = new StreamRoute
        {
            Shards = stream.OptionalWhole("shards", 1, 500),
            RetentionHours = stream.Whole("retentionHours", Defaults.StreamRetentionHours, 24, 8_760),
        };
        stream.End();
        return settings;
    }

    private static ReplicationCompute Compute(Section replication)
    {
        replication.Findings.Require(
            !(replication.Has("instance") && replication.Has("serverless")),
            replication.At("serverless"),
            "cannot stand beside instance; keep one of them");
        return replication.Has("serverless") ? Serverless(replication.Child("serverless")) : Instance(replication.Child("instance"));
    }

    private static InstanceCompute Instance(Section instance)
    {
        var settings = new InstanceCompute
        {
            InstanceClass = instance.Text("class", Defaults.DmsInstanceClass),
            StorageGigabytes = instance.Whole("storageGigabytes", Defaults.DmsStorageGigabytes, 5, 6_144),
            EngineVersion = instance.Text("engineVersion", Defaults.EngineVersion, Pattern.Version),
            MultiAz = instance.Flag("multiAz", Defaults.MultiAz),
        };
        instance.Findings.Require(
            DmsInstanceClasses.All.Contains(settings.InstanceClass),
            instance.At("class"),
            $"'{settings.InstanceClass}' is not a DMS instance class, such as dms.t3.medium or dms.r6i.large");
        instance.End();
        return settings;
    }

    private static ServerlessCompute Serverless(Section serverless)
    {
        var settings = new ServerlessCompute
        {
            MinCapacityUnits = Units(serverless, "minCapacityUnits"),
            MaxCapacityUnits = Units(serverless, "maxCapacityUnits"),
            MultiAz = serverless.Flag("multiAz", Defaults.MultiAz),
        };
        serverless.Findings.Require(
            settings.MinCapacityUnits <= settings.MaxCapacityUnits,
            serverless.At("minCapacityUnits"),
            "is above maxCapacityUnits",
            serverless.At("maxCapacityUnits"));
        serverless.End();
        return settings;
    }

    private static int Units(Section serverless, string name)
    {
        var units = serverless.OptionalWhole(name, 1, 384) ?? 0;
        serverless.Findings.Require(
            DmsInstanceClasses.CapacityUnits.Contains(units),
            serverless.At(name),
            $"must be one of {string.Join(", ", DmsInstanceClasses.CapacityUnits)}");
        return units;
    }

    // DMS makes the slot of a full load itself; without one, a cdc task needs a slot and its position
    // (docs/dms-contract.md#replication-slot).
    private static ReplicationStart Start(Section replication)
    {
        var type = replication.Text("migrationType", FullLoadAndCdc, MigrationType);
        var slotAt = replication.At("slot");
        var typeAt = replication.At("migrationType");
        if (type == FullLoadAndCdc)
        {
            replication.Findings.Require(
                !replication.Has("slot"),
                slotAt,
                $"cannot be used with {FullLoadAndCdc}: DMS makes its slot itself",
                typeAt);
            return new FullLoadThenChanges();
        }

        replication.Findings.Require(
            !replication.Has("serverless"),
            typeAt,
            $"cannot be {Cdc} with serverless, which takes no start position; use {FullLoadAndCdc}");
        if (!replication.Has("slot"))
        {
            replication.Findings.Add(slotAt, $"is missing: {Cdc} starts from a slot that was made before, with name and startLsn");
            return new FullLoadThenChanges();
        }

        var slot = replication.Child("slot");
        var start = new ChangesFromSlot(slot.Text("name", Pattern.Slot), slot.Text("startLsn", Pattern.Lsn));
        slot.End();
        return start;
    }
}
