namespace CdcDms.Infra.Environments;

/// <summary>What holds for a property that an environment file leaves out. <c>docs/environment.md</c> names each.</summary>
public static class Defaults
{
#pragma warning disable CS1591 // Each constant is documented at the property that it stands for.
    public const bool KeepData = true;
    public const bool TerminationProtection = false;
    public const bool CreateGithubProvider = false;

    public const string Cidr = "10.40.0.0/20";

    public const int Port = 5432;
    public const SourceEngine Engine = SourceEngine.Postgres;
    public const TlsMode TlsMode = Environments.TlsMode.VerifyFull;
    public const bool HeartbeatEnabled = true;
    public const string HeartbeatSchema = "cdcdms";
    public const int HeartbeatMinutes = 5;
    public const bool CaptureDdl = true;
    public const string RdsInstanceClass = "db.t4g.micro";
    public const int RdsStorageGigabytes = 20;

    public const string LakePrefix = "cdc";
    public const ParquetCompression Compression = ParquetCompression.Gzip;
    public const int RetentionDays = 365;
    public const int TieringAfterDays = 30;
    public const bool Catalogue = false;

    public const string DmsInstanceClass = "dms.t3.medium";
    public const int DmsStorageGigabytes = 50;
    public const string EngineVersion = "3.6.1";
    public const bool MultiAz = false;
    public const int LobKilobytes = 63;
    public const int CdcIntervalSeconds = 60;
    public const int CdcFileKilobytes = 32_000;
    public const int MarkerMinutes = 5;
    public const int Generation = 1;
    public const int StreamRetentionHours = 168;

    public const string Schedule = "cron(5 * * * ? *)";
    public const int ParallelTables = 4;
    public const int MemoryMegabytes = 2048;
    public const int EphemeralStorageMegabytes = 4096;
    public const int BatchMegabytes = 1024;
    public const int TimeoutMinutes = 15;
    public const int Retries = 3;
    public const FunctionArchitecture Architecture = FunctionArchitecture.Arm64;
    public const int GlueFromMegabytes = 2048;
    public const int GlueWorkers = 2;
    public const int GlueTimeoutMinutes = 60;

    public const int SampleKeys = 1000;
    public const bool FullProofEnabled = true;
    public const string FullProofSchedule = "cron(35 1 * * ? *)";
    public const RepairMode Repair = RepairMode.Manual;

    public const string HealthSchedule = "rate(15 minutes)";
    public const string HealthMessageSchedule = "cron(0 6 * * ? *)";

    public const int SourceLatencySeconds = 900;
    public const int TargetLatencySeconds = 900;
    public const int AnalyticsAgeMinutes = 150;
    public const int FreshnessMinutes = 60;
    public const int FreeStorageGigabytes = 10;
    public const int DatabaseFreeStorageGigabytes = 10;
    public const int FreeMemoryMegabytes = 256;
    public const int SwapMegabytes = 512;
    public const int CpuPercent = 90;
    public const int ChangesOnDisk = 1_000_000;
    public const int SlotLagGigabytes = 10;
#pragma warning restore CS1591
}
