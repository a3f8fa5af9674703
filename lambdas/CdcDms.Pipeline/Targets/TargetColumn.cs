namespace CdcDms.Pipeline.Targets;

/// <summary>A column that is replicated: from which column of the files into which of the target.</summary>
/// <param name="From">Name in the change files.</param>
/// <param name="To">Name in the target table.</param>
/// <param name="Type">The target's type as PostgreSQL writes it, with neither length nor scale.</param>
/// <param name="IsKey">Whether it is part of the key.</param>
/// <param name="KeyIsPlain">
/// Whether the type's equality is equality of the staged bytes, so that two different staged keys are two rows.
/// </param>
/// <param name="Collate">
/// A <c>COLLATE</c> clause when the column's collation holds different texts equal, else empty: a cast loses the collation.
/// </param>
/// <param name="NullMayMeanUnchanged">Whether the column is a register of its own: a NULL in an update leaves it as it is.</param>
internal sealed record TargetColumn(
    string From, string To, string Type, bool IsKey, bool KeyIsPlain, string Collate, bool NullMayMeanUnchanged)
{
    /// <summary>
    /// What a staged value is cast to: the type, for a key with the precision or scale to which PostgreSQL rounds what is assigned.
    /// </summary>
    public required string CastType { get; init; }

    /// <summary>The column's length, precision or scale as PostgreSQL keeps it (<c>atttypmod</c>); −1 for none.</summary>
    public required int Modifier { get; init; }

    /// <summary>The <see cref="Default"/> of a column without one.</summary>
    public const string NoDefault = "NULL";

    /// <summary>What a row has that does not name the column, as an expression of SQL.</summary>
    public required string Default { get; init; }

    /// <summary>Whether it is an identity column that an update cannot write.</summary>
    public required bool IsAlwaysIdentity { get; init; }

    /// <summary>
    /// Whether it holds bytes, of which PostgreSQL reads nearly any text without an error: of <c>0x41</c>, by which a message of a stream
    /// tells one byte, those of its four letters.
    /// </summary>
    public bool HoldsBytes => CastType is "bytea";

    /// <summary>Whether the definition itself gives the column its type: then a cast that loses something is wanted.</summary>
    public required bool TypeIsGiven { get; init; }
}
