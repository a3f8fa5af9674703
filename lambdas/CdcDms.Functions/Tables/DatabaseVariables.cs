using CdcDms.Contract.Functions;

namespace CdcDms.Functions.Tables;

/// <summary>The environment variables that say where one database is, and how it is reached.</summary>
internal sealed record DatabaseVariables
{
    public static readonly DatabaseVariables Source = new()
    {
        Role = "source",
        Direct = FunctionEnvironment.Source,
        Secret = FunctionEnvironment.SourceSecret,
        Server = FunctionEnvironment.SourceServer,
        Database = FunctionEnvironment.SourceDatabase,
        Tls = FunctionEnvironment.SourceTls,
        Authorities = FunctionEnvironment.SourceAuthoritiesFile,
        IsOfDms = true,
    };

    public static readonly DatabaseVariables ReadSource = Source with
    {
        Direct = FunctionEnvironment.ReadSource,
        Secret = FunctionEnvironment.ReadSourceSecret,
        Server = null,
        IsOfDms = false,
    };

    public static readonly DatabaseVariables Target = new()
    {
        Role = "analytics",
        Direct = FunctionEnvironment.Target,
        Secret = FunctionEnvironment.TargetSecret,
        Server = FunctionEnvironment.TargetServer,
        Database = FunctionEnvironment.TargetDatabase,
        Tls = FunctionEnvironment.TargetTls,
        Authorities = FunctionEnvironment.TargetAuthoritiesFile,
        IsOfDms = false,
    };

    /// <summary>What the database is called in a sentence.</summary>
    public required string Role { get; init; }

    /// <summary>The variable of a connection string, which counts before the secret.</summary>
    public required string Direct { get; init; }

    /// <summary>The variable of the secret's ARN.</summary>
    public required string Secret { get; init; }

    /// <summary>The variable of the server; null where the secret alone names it.</summary>
    public required string? Server { get; init; }

    /// <summary>The variable of the database's name.</summary>
    public required string Database { get; init; }

    /// <summary>The variable of the way in which the server proves who it is.</summary>
    public required string Tls { get; init; }

    /// <summary>The PEM file of authorities.</summary>
    public required string Authorities { get; init; }

    /// <summary>Whether DMS connects by the same secret, and takes the server from it.</summary>
    public required bool IsOfDms { get; init; }
}
