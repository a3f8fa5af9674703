using System.Globalization;
using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Pipeline.Ledger;

/// <summary>One step of the ledger's schema: a file <c>NNNN-name.sql</c> of <c>Ledger/Migrations</c>, built into the program.</summary>
/// <param name="Version">The version that the ledger has after the step; steps are numbered without gaps from 1.</param>
/// <param name="Name">The file's name without number and ending.</param>
/// <param name="Script">SQL without BEGIN and COMMIT. A step that a release has brought never changes; a later step corrects it.</param>
internal sealed record LedgerMigration(int Version, string Name, string Script)
{
    /// <summary>The table with a row for each version that the ledger has had.</summary>
    public const string VersionTable = "cdc.schema_version";

    private const string VersionKey = "schema_version_pkey";
    private const string Ending = ".sql";

    // Older and newer programs read this table too, so its form never changes. Roles that were granted the tables of a ledger from the
    // time before versions must be able to read the version, which tells nothing of the data.
    private static readonly string CreateVersionTable = $"""
        {Sql.CreateSchema("cdc")};
        CREATE TABLE IF NOT EXISTS {VersionTable} (
            version integer CONSTRAINT {VersionKey} PRIMARY KEY,
            name text NOT NULL,
            applied_at timestamptz NOT NULL DEFAULT clock_timestamp());
        GRANT SELECT ON {VersionTable} TO PUBLIC;
        """;

    /// <summary>All steps, in the order of their versions.</summary>
    public static IReadOnlyList<LedgerMigration> All { get; } =
        [.. typeof(LedgerMigration).Assembly.GetManifestResourceNames()
            .Where(name => name.EndsWith(Ending, StringComparison.Ordinal)).Order(StringComparer.Ordinal).Select(Read)];

    /// <summary>
    /// The step as one message, and so one transaction: a ledger has the whole step with its version, or nothing of the step.
    /// The version comes first, so that a session which waited while another made the step fails before the step's own statements.
    /// </summary>
    public string Statements => $"""
        {(Version == 1 ? CreateVersionTable : "")}
        INSERT INTO {VersionTable} (version, name) VALUES ({Version}, {Sql.Literal(Name)});
        {Script}
        """;

    /// <summary>Whether a step failed because another session had taken the same step.</summary>
    public static bool IsTakenAlready(PostgresException fault) =>
        fault is { SqlState: PostgresErrorCodes.UniqueViolation, ConstraintName: VersionKey };

    private static LedgerMigration Read(string resource)
    {
        using var reader = new StreamReader(typeof(LedgerMigration).Assembly.GetManifestResourceStream(resource)!);
        var (number, name) = (resource.Split('-', 2)[0], resource.Split('-', 2)[1][..^Ending.Length]);
        return new LedgerMigration(int.Parse(number, CultureInfo.InvariantCulture), name, reader.ReadToEnd());
    }
}
