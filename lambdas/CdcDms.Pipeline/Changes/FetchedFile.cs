using CdcDms.Contract;
using CdcDms.Contract.Lake;
using CdcDms.DuckDb;
using DuckDB.NET.Native;

namespace CdcDms.Pipeline.Changes;

/// <summary>A change file on the local disk.</summary>
/// <param name="Object">What it is in the lake.</param>
/// <param name="Path">Where it is here; a name of our own making.</param>
internal sealed record FetchedFile(LakeObject Object, string Path)
{
    /// <summary>Whether a fault says nothing about the files.</summary>
    public static bool IsOutOfMemory(DuckDbException fault) => fault.Type is DuckDBErrorType.OutOfMemory;

    /// <summary>DuckDB's fault as half a sentence: it names a file by its local path, a reader knows it by its key.</summary>
    public static string Told(DuckDbException fault, FetchedFile file) =>
        fault.Message.Replace(file.Path, file.Object.Key, StringComparison.Ordinal).ReplaceLineEndings(" ").TrimEnd('.');

    /// <summary>A fault that is not of one file alone.</summary>
    public static CdcDmsException Unreadable(IReadOnlyList<FetchedFile> files, DuckDbException fault)
    {
        var which = files.Count == 1 ? files[0].Object.Key : $"The batch from {files[0].Object.Key} to {files[^1].Object.Key}";
        var why = fault.Message.ReplaceLineEndings(" ").TrimEnd('.');
        return IsOutOfMemory(fault)
            ? new CdcDmsException(ErrorKind.Unavailable, $"{which} needs more memory than the merge has ({why}); give it more, or make batches smaller.", fault)
            : new CdcDmsException(ErrorKind.BadData, $"{which} cannot be reduced ({why}).", fault);
    }
}
