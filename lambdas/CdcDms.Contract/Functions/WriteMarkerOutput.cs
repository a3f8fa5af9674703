namespace CdcDms.Contract.Functions;

/// <summary>Output of the function that writes a marker at the source.</summary>
public sealed record WriteMarkerOutput
{
    /// <summary>The marker's number.</summary>
    public required long Number { get; init; }
}
