using CdcDms.Contract;
using CdcDms.Contract.Lake;
using CdcDms.DuckDb;
using DuckDB.NET.Native;

namespace CdcDms.Pipeline.Changes;

/// <summary>A change file on the local disk.</summary>
/// <param name="Object">The object in the lake that it is a copy of.</param>
/// <param name="Path">Its local path, which we made up.</param>
internal sealed record FetchedFile(LakeObject Object, string Path)
{
    // The C library's words for ENOSPC, which are in DuckDB's and .NET's own.
    private const string NoSpace = "No space left on device";

    /// <summary>Removes files that are not needed any more.</summary>
    public static void Remove(IReadOnlyList<FetchedFile> files) => files.ToList().ForEach(file => File.Delete(file.Path));

    /// <summary>Whether DuckDB lacked memory or storage, which says nothing about the files.</summary>
    public static bool IsExhaustion(DuckDbException fault) => fault.Type is DuckDBErrorType.OutOfMemory || IsFullDisk(fault);

    /// <summary>Whether the disk was full, for DuckDB or for us.</summary>
    public static bool IsFullDisk(Exception fault) => fault.Message.Contains(NoSpace, StringComparison.Ordinal);

    /// <summary>This file, which cannot be read.</summary>
    public RejectedFile Rejected(DuckDbException fault) => IsGzip()
        ? new(Object, "it is compressed as a whole (gzip), and Parquet compresses inside; write it without the outer compression")
        : new(Object, $"it cannot be read ({Kept(fault).Replace(Path, Object.Key, StringComparison.Ordinal)})")
        {
            Told = $"it cannot be read ({Told(fault).Replace(Path, Object.Key, StringComparison.Ordinal)})",
        };

    /// <summary>A fault that no file has by itself.</summary>
    public static CdcDmsException Unreadable(IReadOnlyList<FetchedFile> files, DuckDbException fault)
    {
        var which = files.Count == 1 ? files[0].Object.Key : $"The batch from {files[0].Object.Key} to {files[^1].Object.Key}";
        var lacks = IsFullDisk(fault) ? "temporary storage" : "memory";
        return IsExhaustion(fault)
            ? new CdcDmsException(
                ErrorKind.Unavailable,
                $"{which} needs more {lacks} than the merge has ({Told(fault)}); give it more.",
                fault)
            : new CdcDmsException(ErrorKind.BadData, $"{which} cannot be reduced ({Told(fault)}).", fault);
    }

    /// <summary>DuckDB's fault as half a sentence without a value of a row.</summary>
    public static string Told(DuckDbException fault) => HoldsNoValue(fault)
        ? Kept(fault)
        : $"DuckDB's error {fault.Type}, whose words may hold values: the ledger keeps those of a file that is rejected, and --verbose "
            + "on the command line shows the others";

    // A file's footer names its columns. Of the other kinds, the words quote what cannot be converted, is out of range or is no text.
    private static bool HoldsNoValue(DuckDbException fault) => IsExhaustion(fault) || fault.Type
        is DuckDBErrorType.Io or DuckDBErrorType.Binder or DuckDBErrorType.Catalog
        or DuckDBErrorType.NotImplemented or DuckDBErrorType.Settings or DuckDBErrorType.Permission;

    private static string Kept(DuckDbException fault) => fault.Message.ReplaceLineEndings(" ").TrimEnd('.');

    private bool IsGzip()
    {
        using var file = File.OpenRead(Path);
        return (file.ReadByte(), file.ReadByte()) is (0x1f, 0x8b);
    }
}
