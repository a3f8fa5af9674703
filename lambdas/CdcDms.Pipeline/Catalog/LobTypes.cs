namespace CdcDms.Pipeline.Catalog;

/// <summary>The types that DMS carries as LOBs (docs/dms-contract.md#postgresql-types).</summary>
internal static class LobTypes
{
    /// <summary>A condition on a row of <c>pg_type</c>.</summary>
    /// <param name="type">The row's alias.</param>
    public static string Contain(string type) =>
        $"({type}.typname IN ('text', 'citext', 'json', 'jsonb', 'xml', 'bytea', 'hstore', 'tsvector', 'tsquery', 'path', 'polygon') "
        + $"OR {type}.typcategory = 'A')";
}
