namespace CdcDms.Pipeline.Catalog;

/// <summary>What depends on a column or a constraint, in words.</summary>
internal static class DependentObject
{
    /// <summary>An expression of a row of <c>pg_depend</c>, such as <c>the view public.v</c>.</summary>
    /// <param name="row">The row's alias.</param>
    public static string Named(string row) =>
        $"""
        'the ' || regexp_replace(regexp_replace(pg_describe_object({row}.classid, {row}.objid, {row}.objsubid),
            '^rule "?_RETURN"? on ', ''), '^default value for ', 'generated ')
        """;
}
