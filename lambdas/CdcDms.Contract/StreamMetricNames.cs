namespace CdcDms.Contract;

/// <summary>Names of the metrics of the function that transcodes a stream; an environment without a stream has none of them.</summary>
public static class StreamMetricNames
{
    /// <summary>Records that were read of the stream.</summary>
    public const string Read = "StreamRead";

    /// <summary>Records that could not be understood, and are kept whole in the lake.</summary>
    public const string Rejected = "StreamRejected";

    /// <summary>Objects of such records that wait in the lake, as health checks find them; none is told while there are none.</summary>
    public const string RejectsWaiting = "StreamRejectsWaiting";

    /// <summary>Messages that tell of a changed column or table.</summary>
    public const string Alterations = "StreamAlterations";

    /// <summary>Change files that were written.</summary>
    public const string Files = "StreamFiles";
}
