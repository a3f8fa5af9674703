namespace CdcDms.Pipeline.Catalog;

/// <summary>A column as PostgreSQL's catalog has it.</summary>
internal sealed record CatalogColumn
{
    /// <summary>The column's name.</summary>
    public required string Name { get; init; }

    /// <summary>The type without length or scale.</summary>
    public required string BaseType { get; init; }

    /// <summary>
    /// The same; of a domain, the type below it, since a cast to a domain cuts what is too long. A cast to this type never cuts a value,
    /// the assignment to the column refuses instead.
    /// </summary>
    public required string CastType { get; init; }

    /// <summary>
    /// The type with the precision or scale to which PostgreSQL rounds a value that is assigned; <see cref="CastType"/> where PostgreSQL
    /// refuses such a value instead.
    /// </summary>
    public required string StoredType { get; init; }

    /// <summary>Length, precision or scale as PostgreSQL keeps them (<c>atttypmod</c>); −1 for none.</summary>
    public required int Modifier { get; init; }

    /// <summary>Whether the column may hold NULL.</summary>
    public required bool IsNullable { get; init; }

    /// <summary>Whether PostgreSQL computes the value; such a column cannot be written.</summary>
    public required bool IsGenerated { get; init; }

    /// <summary>Whether this is an identity column that an update cannot write.</summary>
    public required bool IsAlwaysIdentity { get; init; }

    /// <summary>Whether this is an identity column, which is never NULL.</summary>
    public required bool IsIdentity { get; init; }

    /// <summary>Whether equal values always have equal text.</summary>
    public required bool EqualityIsOfBytes { get; init; }

    /// <summary>A <c>COLLATE</c> clause when the collation is nondeterministic, else empty.</summary>
    public required string Collate { get; init; }

    /// <summary>
    /// Whether DMS carries such a type as a LOB (docs/dms-contract.md#postgresql-types), so that an update may leave the value NULL.
    /// </summary>
    public required bool IsLob { get; init; }

    /// <summary>Whether a row that does not name the column gets a value for it.</summary>
    public required bool HasDefault { get; init; }

    /// <summary>The value that such a row gets, as an expression of SQL; <c>NULL</c> without a default.</summary>
    public required string Default { get; init; }
}
