using Amazon.CDK;
using Constructs;

namespace CdcDms.Infra.Naming;

/// <summary>
/// Names of logs that need one. A log outlives its stack where data is kept: with a part of the stack's id, a stack that is made again
/// finds the name free.
/// </summary>
internal static class LogNames
{
    /// <summary>A name that no other stack has.</summary>
    /// <param name="scope">A construct of the log's stack.</param>
    /// <param name="begin">How the name begins.</param>
    public static string Of(Construct scope, string begin)
    {
        var stack = Fn.Select(2, Fn.Split("/", Stack.Of(scope).StackId));
        return $"{begin}-{Fn.Select(0, Fn.Split("-", stack))}";
    }
}
