namespace CdcDms.Contract.Functions;

/// <summary>Names of the environment variables that a function reads. None is read before it is needed.</summary>
public static class FunctionEnvironment
{
    /// <summary>Which function this process is: one of <see cref="FunctionNames"/>.</summary>
    public const string Function = "CDCDMS_FUNCTION";

    /// <summary>Npgsql connection string of the source database.</summary>
    public const string Source = "CDCDMS_SOURCE";

    /// <summary>
    /// Npgsql connection string by which rows are read at the source for proofs: of a read replica, or of a role that may only read.
    /// Default: <see cref="Source"/>.
    /// </summary>
    public const string ReadSource = "CDCDMS_READ_SOURCE";

    /// <summary>
    /// ARN of the secret by which rows are read at the source for proofs, read when <see cref="ReadSource"/> is not set; the database and
    /// TLS are those of the source. Default: the source's.
    /// </summary>
    public const string ReadSourceSecret = "CDCDMS_READ_SOURCE_SECRET";

    /// <summary>Npgsql connection string of the analytics database.</summary>
    public const string Target = "CDCDMS_TARGET";

    /// <summary>
    /// ARN of the source database's secret (username, password, host, port), read when <see cref="Source"/> is not set; over TLS, verified.
    /// </summary>
    public const string SourceSecret = "CDCDMS_SOURCE_SECRET";

    /// <summary>
    /// Server of the source database, with a secret, as <c>host:port</c>; the secret must name the same, since DMS connects to that.
    /// Default: what the secret names.
    /// </summary>
    public const string SourceServer = "CDCDMS_SOURCE_SERVER";

    /// <summary>Name of the source database, with a secret. Default: what the secret names.</summary>
    public const string SourceDatabase = "CDCDMS_SOURCE_DATABASE";

    /// <summary>
    /// How the source database's server proves who it is, with a secret: <c>verify-full</c> or <c>verify-ca</c>. Default: verify-full.
    /// </summary>
    public const string SourceTls = "CDCDMS_SOURCE_TLS";

    /// <summary>ARN of the analytics database's secret, read when <see cref="Target"/> is not set; over TLS, verified.</summary>
    public const string TargetSecret = "CDCDMS_TARGET_SECRET";

    /// <summary>
    /// Server of the analytics database, with a secret, as <c>host:port</c>, whatever the secret names. Default: what the secret names.
    /// </summary>
    public const string TargetServer = "CDCDMS_TARGET_SERVER";

    /// <summary>Name of the analytics database, with a secret. Default: what the secret names.</summary>
    public const string TargetDatabase = "CDCDMS_TARGET_DATABASE";

    /// <summary>
    /// How the analytics database's server proves who it is, with a secret: <c>verify-full</c> or <c>verify-ca</c>. Default: verify-full.
    /// </summary>
    public const string TargetTls = "CDCDMS_TARGET_TLS";

    /// <summary>Folder of the two files of authorities. Default: the bundle.</summary>
    public const string AuthoritiesFolder = "CDCDMS_AUTHORITIES";

    /// <summary>PEM file that the deployment puts into the bundle: who may sign the source database's certificate.</summary>
    public const string SourceAuthoritiesFile = "source-ca.pem";

    /// <summary>PEM file that the deployment puts into the bundle: who may sign the analytics database's certificate.</summary>
    public const string TargetAuthoritiesFile = "analytics-ca.pem";

    /// <summary>Name of the environment, a dimension of every metric. Default: local.</summary>
    public const string EnvironmentName = "CDCDMS_ENVIRONMENT";

    /// <summary>Seconds after which the task closes a file at the latest (<c>CdcMaxBatchInterval</c>), which each marker carries.</summary>
    public const string FileIntervalSeconds = "CDCDMS_FILE_INTERVAL_SECONDS";

    /// <summary>The lake, <c>s3://BUCKET/PREFIX</c>, of a function whose input does not name it.</summary>
    public const string Lake = "CDCDMS_LAKE";

    /// <summary>The generation of the task that writes into the stream, 1 to 999: the folder into which its changes go.</summary>
    public const string Generation = "CDCDMS_GENERATION";

    /// <summary>
    /// Path of the file that has the definitions of the environment's tables, as the deployment has them: a JSON array. An environment
    /// holds 4 KB (AWS: Lambda quotas), which is less than they need.
    /// </summary>
    public const string Tables = "CDCDMS_TABLES";

    /// <summary>What the task that is to run asks of the databases: the JSON of <see cref="TaskDemands"/>.</summary>
    public const string TaskDemands = "CDCDMS_TASK";

    /// <summary>
    /// Most bytes of a report that the operate function answers itself; a larger one is stored in the lake's bucket. Default: 5 MiB, since
    /// Lambda passes on 6 MB (AWS: Lambda quotas).
    /// </summary>
    public const string MostAnswerBytes = "CDCDMS_MOST_ANSWER_BYTES";

    /// <summary>ARN of the secret of the sandbox's source database's owner.</summary>
    public const string SandboxSourceOwner = "CDCDMS_SANDBOX_SOURCE_OWNER";

    /// <summary>ARN of the secret of the role that DMS reads the sandbox's source as.</summary>
    public const string SandboxSourceUser = "CDCDMS_SANDBOX_SOURCE_USER";

    /// <summary>ARN of the secret of the sandbox's analytics database's owner.</summary>
    public const string SandboxAnalyticsOwner = "CDCDMS_SANDBOX_ANALYTICS_OWNER";

    /// <summary>ARN of the secret of the role that merges into the sandbox's analytics database.</summary>
    public const string SandboxAnalyticsUser = "CDCDMS_SANDBOX_ANALYTICS_USER";

    /// <summary>
    /// Which function waits for a debugger when it starts: one of <see cref="FunctionNames"/>. For runs on a developer's machine.
    /// Default: none.
    /// </summary>
    public const string WaitForDebugger = "CDCDMS_WAIT_FOR_DEBUGGER";

    /// <summary>URL of an S3 server that is not AWS's. Default: S3 of the function's region.</summary>
    public const string S3Endpoint = "CDCDMS_S3_ENDPOINT";

    /// <summary>The bucket that the function may empty, and no other.</summary>
    public const string Bucket = "CDCDMS_BUCKET";
}
