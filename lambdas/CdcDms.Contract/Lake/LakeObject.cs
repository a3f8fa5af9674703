namespace CdcDms.Contract.Lake;

/// <summary>
/// One object of the lake as a listing shows it. Key, ETag and modification time together are the object's identity in the ledger.
/// </summary>
/// <param name="Key">Key in the bucket.</param>
/// <param name="ETag">ETag without quotes.</param>
/// <param name="ModifiedUtc">When S3 says that the object was last written, UTC.</param>
/// <param name="Bytes">Size in bytes.</param>
public sealed record LakeObject(string Key, string ETag, DateTime ModifiedUtc, long Bytes);
