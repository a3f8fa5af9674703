namespace CdcDms.Functions.CustomResources;

/// <summary>The answer of a custom resource (AWS: Custom resource response fields).</summary>
internal sealed record CloudFormationAnswer
{
    /// <summary><c>SUCCESS</c> or <c>FAILED</c>.</summary>
    public required string Status { get; init; }

    /// <summary>Why the request failed; people read it in the stack's events. Null after a success.</summary>
    public required string? Reason { get; init; }

    public required string PhysicalResourceId { get; init; }

    public required string StackId { get; init; }

    public required string RequestId { get; init; }

    public required string LogicalResourceId { get; init; }

    /// <summary>The answer to a request, under an id that stays the same for the resource's whole life.</summary>
    /// <param name="reason">Why the request failed; null when it succeeded.</param>
    public static CloudFormationAnswer To(CloudFormationRequest request, string? reason) => new()
    {
        Status = reason is null ? "SUCCESS" : "FAILED",
        Reason = reason,
        PhysicalResourceId = request.PhysicalResourceId ?? $"{StackName(request.StackId)}/{request.LogicalResourceId}",
        StackId = request.StackId,
        RequestId = request.RequestId,
        LogicalResourceId = request.LogicalResourceId,
    };

    // An ARN's last part is stack/NAME/ID.
    private static string StackName(string stackId) => stackId.Split('/') is [_, var name, ..] ? name : stackId;
}
