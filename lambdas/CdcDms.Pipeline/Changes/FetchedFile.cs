using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.DuckDb;

namespace CdcDms.Pipeline.Changes;

/// <summary>A change file on the local disk.</summary>
/// <param name="Object">What it is in the lake.</param>
/// <param name="Path">Where it is here; a name of our own making.</param>
internal sealed record FetchedFile(LakeObject Object, string Path)
{
    /// <summary>What DuckDB's fault means for files: it names them by their local path, a reader knows them by their key.</summary>
    public static CdcDmsException Unreadable(IReadOnlyList<FetchedFile> files, DuckDbException fault)
    {
        var guilty = files.FirstOrDefault(file => fault.Message.Contains(file.Path, StringComparison.Ordinal)) ?? (files.Count == 1 ? files[0] : null);
        var which = guilty?.Object.Key ?? $"One of {files[0].Object.Key} … {files[^1].Object.Key}";
        var why = (guilty is null ? fault.Message : fault.Message.Replace(guilty.Path, guilty.Object.Key, StringComparison.Ordinal)).ReplaceLineEndings(" ").TrimEnd('.');
        return fault.Message.StartsWith("Out of Memory", StringComparison.Ordinal)
            ? new CdcDmsException(ErrorKind.Unavailable, $"{which} needs more memory than the merge has ({why}); give it more, or make batches smaller.", fault)
            : new CdcDmsException(ErrorKind.BadData, $"{which} cannot be read ({why}); remove or replace it.", fault);
    }
}
