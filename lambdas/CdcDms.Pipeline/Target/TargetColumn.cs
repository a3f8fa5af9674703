namespace CdcDms.Pipeline.Target;

/// <summary>A column that is replicated: from which column of the files into which of the target.</summary>
/// <param name="From">Name in the change files.</param>
/// <param name="To">Name in the target table.</param>
/// <param name="Type">The target's type as PostgreSQL writes it, without length, and without scale unless it is a key's: what a staged value is cast to.</param>
/// <param name="IsKey">Whether it is part of the key.</param>
/// <param name="KeyIsPlain">Whether the type's equality is equality of the staged bytes, so that two different staged keys are two rows.</param>
/// <param name="Collate">A <c>COLLATE</c> clause when the column's collation holds different texts equal, else empty: a cast loses the collation.</param>
internal sealed record TargetColumn(string From, string To, string Type, bool IsKey, bool KeyIsPlain, string Collate);
