using Npgsql;

namespace CdcDms.Pipeline.Catalog;

/// <summary>How something of a table is taken away.</summary>
/// <param name="Statement">The statement that does it.</param>
/// <param name="Restoration">The statements that put it back; null when nothing is lost.</param>
/// <param name="Hindrance">Why PostgreSQL refuses the statement as things are, as half a sentence; null when it does not.</param>
internal sealed record Removal(string Statement, string? Restoration, string? Hindrance)
{
    /// <summary>A hindrance that only the partitioned table can be rid of.</summary>
    public const string OfParent = "it comes from the table that this one is a partition of";

    /// <summary>Reads three columns of a row.</summary>
    public static Removal Read(NpgsqlDataReader row, int first) =>
        new(
            row.GetString(first),
            row.IsDBNull(first + 1) ? null : row.GetString(first + 1),
            row.IsDBNull(first + 2) ? null : row.GetString(first + 2));
}
