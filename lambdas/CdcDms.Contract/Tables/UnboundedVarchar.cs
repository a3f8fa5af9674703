namespace CdcDms.Contract.Tables;

/// <summary>
/// How much DMS carries of a <c>varchar</c> without a length, which it cuts silently (docs/dms-contract.md#postgresql-types).
/// </summary>
public static class UnboundedVarchar
{
    private const int Fewest = 1024 * 1024;

    // DMS's own limit.
    private const int Most = 10_485_760;

    /// <summary>Bytes of a value: those of a large value, but at least a megabyte, since nothing tells that one was cut.</summary>
    /// <param name="lobKilobytes">Size that a large value may have.</param>
    public static int Bytes(int lobKilobytes) => Math.Clamp(lobKilobytes * 1024, Fewest, Most);
}
