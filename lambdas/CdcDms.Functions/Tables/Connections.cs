using System.Globalization;
using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.Contract.Lake;
using CdcDms.Functions.Aws;
using CdcDms.LambdaRuntime;
using CdcDms.Pipeline.Lake;
using CdcDms.Pipeline.Merging;
using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Functions.Tables;

/// <summary>
/// Where a function's databases and its S3 are. Everything is read inside an invocation: a wrong setting is an answer and not a crash,
/// and a rotated password is found.
/// </summary>
internal sealed class Connections(Invocation invocation)
{
    /// <summary>The invocation.</summary>
    public Invocation Invocation => invocation;

    /// <summary>Time until the function is killed.</summary>
    public TimeSpan RemainingTime => invocation.RemainingTime;

    /// <summary>The execution that calls, if one does.</summary>
    /// <param name="id">Its id.</param>
    public MergingExecution? Execution(string? id) => id is null ? null : new MergingExecution(id, RemainingTime);

    /// <summary>Whether a password came from a secret, so that reading it again may give another.</summary>
    public bool UsesSecrets { get; private set; }

    /// <summary>Whether there is time to wait until the cache has forgotten a password that was rotated.</summary>
    public bool MayReadPasswordsAnew => UsesSecrets && RemainingTime > SecretsExtension.CacheLifetime;

    /// <summary>Npgsql connection string of the source database.</summary>
    /// <exception cref="CdcDmsException">The database is not set, or its secret cannot be read.</exception>
    public Task<string> SourceAsync(CancellationToken cancellationToken) =>
        ConnectionAsync(DatabaseVariables.Source, moreOptions: _ => "", cancellationToken);

    /// <summary>Npgsql connection string by which rows are read at the source for proofs; null when it is that of the source.</summary>
    /// <exception cref="CdcDmsException">The secret cannot be read.</exception>
    public async Task<string?> ReadSourceAsync(CancellationToken cancellationToken) =>
        (Variable(FunctionEnvironment.ReadSource) ?? Variable(FunctionEnvironment.ReadSourceSecret)) is null
            ? null
            : await ConnectionAsync(DatabaseVariables.ReadSource, moreOptions: _ => "", cancellationToken);

    /// <summary>Npgsql connection string of the analytics database, PostgreSQL 14 or newer.</summary>
    /// <inheritdoc cref="SourceAsync"/>
    public Task<string> TargetAsync(CancellationToken cancellationToken) => ConnectionAsync(
        DatabaseVariables.Target,
        // Since PostgreSQL 14. A function that dies must not leave a backend that holds a lock: this ends one at work, or without work.
        moreOptions: left => $" -c client_connection_check_interval=2s -c idle_session_timeout={left}",
        cancellationToken);

    /// <summary>A lake, in AWS's S3 or in the server that the environment names.</summary>
    /// <exception cref="CdcDmsException">The text is no lake, or the environment names no URL.</exception>
    public static OpenLake Lake(string uri)
    {
        var place = LakeUri.Parse(uri);
        var s3 = LakeClient.Connect(S3Endpoint);
        return new OpenLake(s3, new LakeReader(s3, place));
    }

    /// <summary>The file of certificate authorities by which a database that a secret names is trusted.</summary>
    public static string AuthoritiesPath(DatabaseVariables variables) => Path.Combine(
        Variable(FunctionEnvironment.AuthoritiesFolder) ?? AppContext.BaseDirectory, variables.Authorities);

    private async Task<string> ConnectionAsync(
        DatabaseVariables variables, Func<string, string> moreOptions, CancellationToken cancellationToken)
    {
        NpgsqlConnectionStringBuilder connection;
        if (Variable(variables.Direct) is { } text)
            connection = ConnectionText.Parse(text, $"in {variables.Direct}");
        else if (Variable(variables.Secret) is { } arn)
        {
            UsesSecrets = true;
            var secret = await SecretsExtension.ReadAsync(arn, cancellationToken);
            connection = secret.Connection(
                Server(variables, secret, arn), Variable(variables.Database), AuthoritiesPath(variables), Proof(variables.Tls));
        }
        else
            throw new CdcDmsException(
                ErrorKind.Unavailable,
                $"The function does not know its database: set {variables.Direct} to a connection string or {variables.Secret} to a "
                + "secret's ARN.");

        // No statement may outlive the function that waits for it, and no transaction one that is gone without a word.
        var left = ((long)RemainingTime.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
        connection.Options =
            $"{connection.Options} -c statement_timeout={left} -c idle_in_transaction_session_timeout={left}{moreOptions(left)}".Trim();
        // An environment is frozen between invocations, and what it pooled is dead when it wakes.
        connection.Pooling = false;
        return connection.ConnectionString;
    }

    private static ServerAddress Server(DatabaseVariables variables, Secret secret, string arn)
    {
        var given = variables.Server is { } variable && Variable(variable) is { } text ? ServerAddress.Parse(text, variable) : null;
        if (variables.IsOfDms && given is not null && secret.Server != given)
            throw new CdcDmsException(
                ErrorKind.BadDefinition,
                $"The environment file has the {variables.Role} database at {given}, and its secret {arn} names "
                + $"{secret.Server?.ToString() ?? "no host and port"}, where DMS connects: make the two the same.");
        return given ?? secret.Server
            ?? throw new CdcDmsException(ErrorKind.BadDefinition, $"The secret {arn} names no host and port: add them.");
    }

    private static SslMode Proof(string variable) => Variable(variable) switch
    {
        null or "verify-full" => SslMode.VerifyFull,
        "verify-ca" => SslMode.VerifyCA,
        var other => throw new CdcDmsException(
            ErrorKind.Unavailable, $"{variable} is '{other}': set it to verify-full or verify-ca, or leave it out."),
    };

    private static Uri? S3Endpoint =>
        Variable(FunctionEnvironment.S3Endpoint) is not { } url ? null
        : Uri.TryCreate(url, UriKind.Absolute, out var endpoint) ? endpoint
        : throw new CdcDmsException(
            ErrorKind.Unavailable, $"{FunctionEnvironment.S3Endpoint} is '{url}', which is no URL: set it to one or leave it out.");

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
