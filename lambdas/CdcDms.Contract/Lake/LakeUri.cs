namespace CdcDms.Contract.Lake;

/// <summary>
/// Where a lake is: a bucket, and the prefix below which the generations' folders are. The prefix has no slash at either end; it may be
/// empty.
/// </summary>
public sealed record LakeUri(string Bucket, string Prefix)
{
    private const string Scheme = "s3://";

    /// <summary>Reads <c>s3://BUCKET/PREFIX</c>.</summary>
    /// <exception cref="CdcDmsException">The text is not of that form.</exception>
    public static LakeUri Parse(string text)
    {
        if (!text.StartsWith(Scheme, StringComparison.Ordinal) || text.Length == Scheme.Length || text[Scheme.Length] == '/')
            throw new CdcDmsException(ErrorKind.BadDefinition, $"'{text}' is not a lake: write it as s3://BUCKET/PREFIX.");
        var parts = text[Scheme.Length..].Split('/', 2);
        return new LakeUri(parts[0], parts.Length > 1 ? parts[1].Trim('/') : "");
    }

    /// <summary>A key below the prefix.</summary>
    public string Key(string path) => Prefix.Length == 0 ? path : $"{Prefix}/{path}";

    /// <summary>The address of an object: <c>s3://BUCKET/KEY</c>.</summary>
    public string Address(string key) => $"{Scheme}{Bucket}/{key}";

    /// <summary>The key of an object at an address.</summary>
    /// <exception cref="CdcDmsException">The address is of another bucket.</exception>
    public string KeyOf(string address) => address.StartsWith(Address(""), StringComparison.Ordinal)
        ? address[Address("").Length..]
        : throw new CdcDmsException(ErrorKind.BadDefinition, $"{address} is not in the bucket of the lake {this}.");

    /// <summary>The text that <see cref="Parse"/> reads back.</summary>
    public override string ToString() => Scheme + (Prefix.Length == 0 ? Bucket : $"{Bucket}/{Prefix}");
}
