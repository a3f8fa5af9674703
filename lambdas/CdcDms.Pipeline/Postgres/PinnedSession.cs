namespace CdcDms.Pipeline.Postgres;

/// <summary>
/// The settings under which a value has one text and a table all its rows. Values cross as text in places (casts, comparisons, the
/// replication stream); the settings of a server, a database or a role must not change how they read.
/// </summary>
public sealed record PinnedSession
{
    /// <summary>The session of the merge and the validation.</summary>
    public static PinnedSession Default { get; } = new();

    /// <summary>How intervals are written: <c>postgres</c> (the default) or another of PostgreSQL's styles.</summary>
    public string IntervalStyle { get; init; } = "postgres";

    /// <summary>The settings as statements, for a session that is open.</summary>
    public string Statements => string.Concat(Settings.Select(setting => $"SET {setting.Name} = '{setting.Value}'; "));

    /// <summary>The settings as command-line options of a session that is to be opened (<c>Options</c> in a connection string).</summary>
    public string Options => string.Join(' ', Settings.Select(setting => $"-c {setting.Name}={setting.Value}"));

    // No value holds a blank or a quote: neither form needs escapes.
    private (string Name, string Value)[] Settings =>
    [
        ("TimeZone", "UTC"),
        ("DateStyle", "ISO,YMD"),
        ("IntervalStyle", IntervalStyle),
        ("extra_float_digits", "1"),
        ("bytea_output", "hex"),
        ("lc_monetary", "C"),
        ("array_nulls", "on"),
        ("xmloption", "content"),
        ("standard_conforming_strings", "on"),
        // The catalog's names of types are compared.
        ("quote_all_identifiers", "off"),
        // A policy that would hide rows is an error then: rows that are left out in silence are missing ones, on either side.
        ("row_security", "off"),
    ];
}
