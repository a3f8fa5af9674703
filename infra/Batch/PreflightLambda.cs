using Amazon.CDK;
using CdcDms.Contract.Functions;
using Constructs;

namespace CdcDms.Infra.Batch;

/// <summary>The function that looks at both databases for what stops DMS and the merge or loses something.</summary>
internal sealed class PreflightLambda : DatabaseLambda
{
    /// <summary>Longest run.</summary>
    public static readonly Duration Timeout = Duration.Minutes(5);

    public PreflightLambda(Construct scope, string id, DatabaseLambdaProps props)
        : base(scope, id, props, new DatabaseLambdaSettings
        {
            Name = FunctionNames.Preflight,
            Description = "Looks at both databases for what stops DMS and the merge or loses something",
            Timeout = Timeout,
            ReadsRows = true,
        })
    {
    }
}
