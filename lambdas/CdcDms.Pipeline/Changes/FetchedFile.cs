using CdcDms.Contract.Functions;

namespace CdcDms.Pipeline.Changes;

/// <summary>A change file on the local disk.</summary>
/// <param name="Object">What it is in the lake.</param>
/// <param name="Path">Where it is here; a name of our own making.</param>
internal sealed record FetchedFile(LakeObject Object, string Path);
