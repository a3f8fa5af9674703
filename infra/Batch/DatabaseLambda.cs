using Amazon.CDK;
using Amazon.CDK.AWS.KMS;
using Amazon.CDK.AWS.S3;
using CdcDms.Contract.Functions;
using CdcDms.Infra.Databases;
using CdcDms.Infra.Functions;
using Constructs;

namespace CdcDms.Infra.Batch;

/// <summary>What a function needs that works on both databases.</summary>
internal record DatabaseLambdaProps
{
    /// <summary>How the function finds the databases.</summary>
    public required DatabaseAccess Databases { get; init; }

    /// <summary>Where functions run that talk to the source, too.</summary>
    public required FunctionNetwork Network { get; init; }

    public required FunctionBundle Bundle { get; init; }

    /// <summary>What happens to the function's log when the stack goes.</summary>
    public required RemovalPolicy LogRemoval { get; init; }
}

/// <summary>What a function needs that works on both databases and the lake.</summary>
internal sealed record LakeLambdaProps : DatabaseLambdaProps
{
    /// <summary>The lake.</summary>
    public required IBucket Bucket { get; init; }

    /// <summary>Encrypts the lake.</summary>
    public required IKey LakeKey { get; init; }
}

/// <summary>What one of these functions is.</summary>
internal sealed record DatabaseLambdaSettings
{
    /// <summary>One of <see cref="FunctionNames"/>.</summary>
    public required string Name { get; init; }

    /// <summary>What the function does, in one sentence.</summary>
    public required string Description { get; init; }

    /// <summary>Longest run.</summary>
    public required Duration Timeout { get; init; }

    /// <summary>A name by which somebody calls the function. Default: one that CloudFormation makes.</summary>
    public string? FixedName { get; init; }

    /// <summary>Memory in MB. Default: 512, for a function that reads no file of the lake.</summary>
    public int MemoryMegabytes { get; init; } = 512;

    /// <summary>Disk at <c>/tmp</c> in MB. Default: 512, Lambda's own.</summary>
    public int EphemeralStorageMegabytes { get; init; } = 512;

    /// <summary>Whether it has the connection, too, by which rows are read for proofs. Default: no.</summary>
    public bool ReadsRows { get; init; }

    /// <summary>Further environment variables. Default: none.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; init; } = new Dictionary<string, string>();
}

/// <summary>A function in the VPC that works on source and analytics database by the secrets of the pipeline.</summary>
internal abstract class DatabaseLambda : Construct
{
    private static readonly DatabaseRole[] Both = [DatabaseRole.Source, DatabaseRole.Analytics];

    protected DatabaseLambda(Construct scope, string id, DatabaseLambdaProps props, DatabaseLambdaSettings settings)
        : base(scope, id)
    {
        var databases = props.Databases;
        Function = new DotnetFunction(this, "Function", new DotnetFunctionProps
        {
            Name = settings.Name,
            FixedName = settings.FixedName,
            Description = settings.Description,
            Bundle = props.Bundle,
            MemoryMegabytes = settings.MemoryMegabytes,
            EphemeralStorageMegabytes = settings.EphemeralStorageMegabytes,
            Timeout = settings.Timeout,
            LogRemoval = props.LogRemoval,
            ReadsSecrets = true,
            Traced = true,
            Network = props.Network,
            Variables = new Dictionary<string, string>(
                [.. databases.Variables(Both), .. settings.ReadsRows ? databases.ReaderVariables : [], .. settings.Variables]),
        });
        databases.Allow(Function.Role, Both);
        if (settings.ReadsRows)
            databases.AllowReader(Function.Role);
    }

    public DotnetFunction Function { get; }
}
